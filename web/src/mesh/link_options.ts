/** What a link is made of, and what it shares with the others of its session. */

import type { Profile } from '../media/ladder';
import type { LocalTracks, OutgoingSignal, SessionEvent } from '../session/media_session';
import type { IceServer } from '../signaling/protocol';
import type { Role } from './recovery';

/** What all links of a session share, as it is at the moment. */
export interface Shared {
  readonly iceServers: readonly IceServer[];
  readonly icePolicy: RTCIceTransportPolicy;
  readonly tracks: LocalTracks;
  readonly profile: Profile;
}

export interface LinkOptions extends Role {
  readonly memberId: string;
  readonly shared: () => Shared;
  readonly createConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly send: (signal: OutgoingSignal) => void;
  readonly emit: (event: SessionEvent) => void;
  /** Milliseconds on a clock that never steps. */
  readonly now: () => number;
}
