/**
 * Keeps a burst of requests within what the server takes from one connection: entering a large
 * room asks for hundreds of things at once. The server counts requests about media apart from
 * everything else; unless told otherwise it takes twice this burst, and 200 a second after it.
 */

const BURST = 2_000;
const PER_SECOND = 160;

export class Pace {
  readonly #now: () => number;
  #tokens = BURST;
  #at: number;

  /** `now`: milliseconds on a clock that never steps. */
  constructor(now: () => number) {
    this.#now = now;
    this.#at = now();
  }

  /** Resolves when it is one's turn, in the order of the calls. */
  async turn(): Promise<void> {
    const now = this.#now();
    this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#at) / 1000) * PER_SECOND) - 1;
    this.#at = now;
    if (this.#tokens >= 0) return;
    const wait = (-this.#tokens / PER_SECOND) * 1000;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}
