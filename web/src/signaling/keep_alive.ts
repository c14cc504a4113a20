/** Notices a connection that is dead without having been closed. */

const INTERVAL_MS = 10_000;
/** A server that has not answered by then is not there any more. */
const PATIENCE_MS = 4_000;
/** The same where something else says that it may not be reached, unless it is always slow. */
const DOUBT_MS = 500;
const DOUBT_ROUND_TRIPS = 4;

export class KeepAlive {
  readonly #ping: () => void;
  readonly #dead: () => void;
  #interval: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #askedAt = 0;
  /** Of the last answer, in milliseconds. */
  #roundTrip = 0;

  constructor(ping: () => void, dead: () => void) {
    this.#ping = ping;
    this.#dead = dead;
  }

  start(): void {
    this.stop();
    this.#interval = setInterval(() => this.probe(), INTERVAL_MS);
    this.probe();
  }

  /** Asks now whether anybody is there. */
  probe(): void {
    if (this.#patience === undefined) this.#ask(PATIENCE_MS);
  }

  /** Asks now, and soon takes no answer for one. */
  verify(): void {
    this.#ask(Math.min(PATIENCE_MS, Math.max(DOUBT_MS, DOUBT_ROUND_TRIPS * this.#roundTrip)));
  }

  /** A `pong` has come. */
  alive(): void {
    if (this.#patience !== undefined) this.#roundTrip = performance.now() - this.#askedAt;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #ask(patience: number): void {
    if (this.#interval === undefined) return;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => {
      this.stop();
      this.#dead();
    }, patience);
    this.#askedAt = performance.now();
    this.#ping();
  }
}
