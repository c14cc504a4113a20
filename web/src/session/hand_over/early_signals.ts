/**
 * What members say about links to us while there is no mesh yet: those who are asked to build one
 * are not asked at the same moment. It is handed over when ours is built, so that nobody has to
 * repeat it.
 */

import type { IncomingSignal } from '../media_session';

/** An offer and its candidates, and then some. */
const KEPT = 64;
/** What came longer ago belongs to a mesh that was never built. */
const LIFE_MS = 10_000;

interface Early {
  readonly signal: IncomingSignal;
  readonly at: number;
}

export class EarlySignals {
  #kept: readonly Early[] = [];

  /** `now`: milliseconds, here and below. Of what one member says the latest is kept. */
  keep(signal: IncomingSignal, now: number): void {
    const recent = this.#kept.filter(({ at }) => now - at < LIFE_MS);
    const theirs = recent.filter((one) => one.signal.from === signal.from);
    const oldest = theirs.length < KEPT ? undefined : theirs[0];
    this.#kept = [...recent.filter((one) => one !== oldest), { signal, at: now }];
  }

  /** All there is, in order; nothing of it stays. */
  take(now: number): IncomingSignal[] {
    const kept = this.#kept.filter(({ at }) => now - at < LIFE_MS);
    this.#kept = [];
    return kept.map(({ signal }) => signal);
  }

  /** The member is gone, or its page is another one. */
  forget(memberId: string): void {
    this.#kept = this.#kept.filter(({ signal }) => signal.from !== memberId);
  }

  clear(): void {
    this.#kept = [];
  }
}
