/**
 * What a transport needs whose packets do not arrive.
 *
 *   new ──used──► connecting ──► connected ──► disconnected ──2 s──► restart ICE ──► connected
 *                     │ 8 s                         failed ──at once──┘   │ 5 s each, twice
 *                     └────────────────► rebuild ◄────────────────────────┘
 *
 * It has no timer of its own: it is asked every so often.
 */

import type { types } from 'mediasoup-client';

export type Remedy = 'restart-ice' | 'rebuild';

const CONNECTING_MS = 8_000;
const DISCONNECTED_MS = 2_000;
const RESTARTED_MS = 5_000;
const RESTARTS = 2;

export class TransportCare {
  #state: types.ConnectionState = 'new';
  /** Since when it is in its state, or has had its last remedy. */
  #since: number;
  #restarts = 0;

  /** `now`: milliseconds, here and everywhere below. */
  constructor(now: number) {
    this.#since = now;
  }

  /** What to do now about a transport in this state, if anything. */
  remedy(state: types.ConnectionState, now: number): Remedy | null {
    this.#follow(state, now);
    if (now - this.#since < this.#patience()) return null;
    const neverConnected = state === 'connecting' && this.#restarts === 0;
    return neverConnected || this.#restarts >= RESTARTS ? 'rebuild' : 'restart-ice';
  }

  /** Both sides have begun to restart ICE: that takes its time. */
  restarted(now: number): void {
    this.#since = now;
    this.#restarts += 1;
  }

  #follow(state: types.ConnectionState, now: number): void {
    if (state === this.#state) return;
    // A restart goes through several of these; only what it leads to counts.
    if (this.#restarts === 0 || state === 'connected') this.#since = now;
    if (state === 'connected') this.#restarts = 0;
    this.#state = state;
  }

  /** How long to leave it alone. */
  #patience(): number {
    if (this.#state === 'new' || this.#state === 'connected' || this.#state === 'closed') {
      return Infinity;
    }
    if (this.#restarts > 0) return RESTARTED_MS;
    if (this.#state === 'connecting') return CONNECTING_MS;
    return this.#state === 'failed' ? 0 : DISCONNECTED_MS;
  }
}
