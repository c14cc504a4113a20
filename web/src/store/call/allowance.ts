/** So many things in so much time, and no more. */
export class Allowance {
  readonly #count: number;
  readonly #window: number;
  #taken: readonly number[] = [];

  /** At most `count` within `window` milliseconds, whenever one begins to count. */
  constructor(count: number, window: number) {
    this.#count = count;
    this.#window = window;
  }

  /** Whether there is one more now; if so, it is used. */
  take(now: number): boolean {
    const taken = this.#taken.filter((at) => now - at < this.#window);
    const isFree = taken.length < this.#count;
    this.#taken = isFree ? [...taken, now] : taken;
    return isFree;
  }
}
