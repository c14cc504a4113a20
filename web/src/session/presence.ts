/** What members tell each other about themselves, directly. */

/** Whether a person is at the machine: `idle` after minutes without a key, `away` when hidden. */
export type Availability = 'active' | 'idle' | 'away';

export interface OwnPresence {
  readonly name: string;
  readonly status: Availability;
  readonly audio: boolean;
  readonly video: boolean;
  readonly screen: boolean;
}

/** Another member's word on itself; `name` only shows where the server knows none. */
export type MemberPresenceFrame = OwnPresence;
