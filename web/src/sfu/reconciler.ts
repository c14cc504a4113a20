/**
 * Brings something about step by step, one step at a time, however often the wish for it changes
 * meanwhile; a step that fails is tried again later, ever more rarely.
 *
 * A step looks at what is wished and what is, does one thing about the difference, and says
 * whether it found any. So nothing that happens during a step can be missed or done twice.
 */

const FIRST_RETRY_MS = 250;
const SLOWEST_RETRY_MS = 8_000;

/** `more`: something was done, look again. `settled`: all is as wished. */
export type StepResult = 'more' | 'settled';

export class Reconciler {
  readonly #step: () => Promise<StepResult>;
  readonly #slowest: number;
  #isRunning = false;
  #isClosed = false;
  /** The wish has changed since the running step looked at it. */
  #isStale = false;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** `slowest`: the longest pause between attempts, in milliseconds. */
  constructor(step: () => Promise<StepResult>, slowest = SLOWEST_RETRY_MS) {
    this.#step = step;
    this.#slowest = slowest;
  }

  /** Attempts that failed since one succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** The wish has changed, or there is reason to try again now. */
  wake(): void {
    if (this.#isClosed) return;
    this.#isStale = true;
    if (this.#isRunning) return;
    clearTimeout(this.#retry);
    void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const succeeded = await this.#settle();
    this.#isRunning = false;
    if (this.#isClosed) return;
    if (succeeded) {
      this.#failures = 0;
      return;
    }
    const delay = Math.min(this.#slowest, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.wake(), delay);
  }

  /** Whether it came to rest; false: a step failed. */
  async #settle(): Promise<boolean> {
    try {
      let result: StepResult = 'more';
      while (!this.#isClosed && (result === 'more' || this.#isStale)) {
        this.#isStale = false;
        result = await this.#step();
      }
      return true;
    } catch {
      return false;
    }
  }
}
