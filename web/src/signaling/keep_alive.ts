/** Notices a connection that is dead without having been closed. */

const INTERVAL_MS = 10_000;
/** A server that has not answered by then is not there any more. */
const PATIENCE_MS = 4_000;

export class KeepAlive {
  readonly #ping: () => void;
  readonly #dead: () => void;
  #interval: ReturnType<typeof setInterval> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

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
    if (this.#interval === undefined || this.#patience !== undefined) return;
    this.#patience = setTimeout(() => {
      this.stop();
      this.#dead();
    }, PATIENCE_MS);
    this.#ping();
  }

  /** A `pong` has come. */
  alive(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  stop(): void {
    clearInterval(this.#interval);
    this.#interval = undefined;
    this.alive();
  }
}
