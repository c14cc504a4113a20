/** How often something may be done: a few times at once, and then at a steady pace. */

export interface AllowanceOptions {
  readonly atOnce: number;
  readonly perSecond: number;
}

export class Allowance {
  readonly #options: AllowanceOptions;
  #left: number;
  #at: number;

  /** `now`: in milliseconds, as everywhere. */
  constructor(options: AllowanceOptions, now: number) {
    this.#options = options;
    this.#left = options.atOnce;
    this.#at = now;
  }

  /** Whether it may be done now; it is taken to be done. */
  take(now: number): boolean {
    const { atOnce, perSecond } = this.#options;
    const gained = (Math.max(0, now - this.#at) * perSecond) / 1000;
    this.#left = Math.min(atOnce, this.#left + gained);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
