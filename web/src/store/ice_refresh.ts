/** Keeps TURN credentials fresh: asks for new ones when four fifths of their time are over. */

import type { IceServer } from '../signaling/protocol';
import type { SignalingPort } from '../signaling/port';

const SHARE = 0.8;
const RETRY_MS = 15_000;
/** The longest delay a browser's timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

export class IceRefresh {
  readonly #signaling: SignalingPort;
  readonly #apply: (servers: readonly IceServer[]) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(signaling: SignalingPort, apply: (servers: readonly IceServer[]) => void) {
    this.#signaling = signaling;
    this.#apply = apply;
  }

  /** New servers, good for `ttl` seconds; 0: for ever. */
  renewed(servers: readonly IceServer[], ttl: number): void {
    this.#apply(servers);
    clearTimeout(this.#timer);
    if (ttl > 0) this.#askIn(ttl * 1000 * SHARE);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #askIn(delay: number): void {
    this.#timer = setTimeout(
      () => {
        this.#signaling.request({ type: 'ice-servers' }).then(
          ({ iceServers, ttl }) => this.renewed(iceServers, ttl),
          () => this.#askIn(RETRY_MS),
        );
      },
      Math.min(delay, LONGEST_MS),
    );
  }
}
