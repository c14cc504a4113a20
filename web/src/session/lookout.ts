/** Looks after an engine's network: when it is another one, packets need a new way. */

import { FlowWatch } from './flow_watch';

export interface LookoutOptions {
  /** When the newest packet came, on the browser's clock; 0: none has. */
  readonly newestPacket: () => number;
  readonly now: () => number;
  /** See `network`. */
  readonly followNetwork: (listener: () => void) => () => void;
  /** Packets have stopped coming; why, nobody knows yet. */
  readonly stalled: () => void;
  readonly restartIce: () => void;
}

export class Lookout {
  readonly #options: LookoutOptions;
  readonly #flow = new FlowWatch();
  readonly #unfollow: () => void;

  constructor(options: LookoutOptions) {
    this.#options = options;
    this.#unfollow = options.followNetwork(options.restartIce);
  }

  /** To be called some ten times a second. */
  look(): void {
    const { newestPacket, now, stalled, restartIce } = this.#options;
    const stall = this.#flow.look(newestPacket(), now());
    if (stall === 'unexplained') stalled();
    else if (stall === 'explained') restartIce();
  }

  /** Signaling was lost, and is back. */
  restored(): void {
    if (this.#flow.restored(this.#options.now())) this.#options.restartIce();
  }

  close(): void {
    this.#unfollow();
  }
}
