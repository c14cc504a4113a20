/** Whether a hand that is up is news, or was up before we came, or goes up and down all the time. */

import { Allowance } from './allowance';

const FRESH_MS = 10_000;
const AT_ONCE = 1;
const WINDOW_MS = 10_000;

export class HandNews {
  readonly #heard = new Map<string, { isUp: boolean; readonly allowance: Allowance }>();

  /** `raisedAt` by the member's clock, `now` by ours: in milliseconds since 1970. */
  hear(memberId: string, raisedAt: number | null, now: number): boolean {
    const known = this.#heard.get(memberId);
    const hand = known ?? { isUp: false, allowance: new Allowance(AT_ONCE, WINDOW_MS) };
    this.#heard.set(memberId, hand);
    const rises = raisedAt !== null && !hand.isUp;
    hand.isUp = raisedAt !== null;
    if (!rises || (!known && Math.abs(now - raisedAt) > FRESH_MS)) return false;
    return hand.allowance.take(now);
  }

  forget(memberId: string): void {
    this.#heard.delete(memberId);
  }

  clear(): void {
    this.#heard.clear();
  }
}
