/** A call as the store drives it: what `CallSession` is to everybody above it. */

import type { DataChannels } from '../../session/data/channels';
import type { CallSessionOptions } from '../../session/hand_over/call_session';
import type { Course, Preparation } from '../../session/hand_over/course';
import type { MediaSession, Mode } from '../../session/media_session';

export interface CallChannels extends DataChannels {
  /** Calls back once per load of a member's page, when that page can be told things. */
  onReached(listener: (memberId: string) => void): () => void;
}

type FollowsTheRoom = Pick<
  MediaSession,
  | 'setMembers'
  | 'addMember'
  | 'removeMember'
  | 'memberReachable'
  | 'memberUnreachable'
  | 'receive'
  | 'hear'
  | 'setShownHeight'
  | 'publish'
  | 'setIceServers'
  | 'signalingRestored'
  | 'reconnect'
  | 'close'
>;

export interface CallPort extends FollowsTheRoom {
  readonly data: CallChannels;
  /** The mode in force. */
  readonly mode: Mode;
  setCourse(course: Course): void;
  prepare(preparation: Preparation): void;
  /** A member's connection to the server is interrupted. */
  memberAway(memberId: string): void;
}

/** What a call is given; which engines there are is nobody's business here. */
export type CallOptions = Omit<CallSessionOptions, 'createSession' | 'instance'>;

export type CallFactory = (options: CallOptions) => CallPort;
