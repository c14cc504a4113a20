/** What a call needs from outside. */

import type { Ask } from '../../signaling/port';
import type { IceServer } from '../../signaling/protocol';
import type { MediaSessionFactory, OutgoingSignal } from '../media_session';
import type { Telling } from './crossing';
import type { CallEvent } from './events';
import type { FrameClock, FrameWatcher } from './frames';

export interface CallSessionOptions {
  /** Our own member id. */
  readonly memberId: string;
  readonly roomId: string;
  /** This load of the page. */
  readonly instance: string;
  readonly iceServers: readonly IceServer[];
  readonly createSession: MediaSessionFactory;
  /** Asks the server about media that travels through it. */
  readonly request: Ask;
  readonly send: (signal: OutgoingSignal) => void;
  /** Tells the server about hand-overs. */
  readonly tell: (message: Telling) => void;
  readonly emit: (event: CallEvent) => void;
  /** Milliseconds on a clock that never steps, as `performance.now`. */
  readonly now?: () => number;
  readonly firstFrame?: FrameWatcher;
  readonly frames?: FrameClock;
}
