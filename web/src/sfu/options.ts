/** What a session through the server is made of. */

import type { MediaSessionContext } from '../session/media_session';
import type { DeviceFactory } from './device';
import type { Codec } from './encodings';

export interface SfuOptions extends MediaSessionContext {
  readonly codec?: Codec;
  readonly icePolicy?: RTCIceTransportPolicy;
  readonly createDevice?: DeviceFactory;
  readonly now?: () => number;
  /** Calls back when the network has changed; returns how to stop. */
  readonly followNetwork?: (listener: () => void) => () => void;
}
