/**
 * A transport that is of no use any more, but for the last frames it has brought: once it is
 * closed its tracks end, and a picture whose track has ended is black. So the last one that
 * worked is kept until another has brought new pictures in place of the old.
 */

import type { types } from 'mediasoup-client';

export class LastFrames {
  #kept: types.Transport | null = null;

  /** Takes a transport in place of closing it; `worked`: it was connected once. */
  keep(transport: types.Transport, worked: boolean): void {
    if (!worked) {
      transport.close();
      return;
    }
    this.release();
    this.#kept = transport;
  }

  /** There are new pictures. */
  release(): void {
    this.#kept?.close();
    this.#kept = null;
  }
}
