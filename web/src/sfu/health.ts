/**
 * How things stand with our own share of the way.
 *
 *   opening ──it stands──► ready ──it does not any more──► opening
 *      └──── patience ends ────► failed ──it stands──► ready
 */

import type { Health } from '../session/media_session';

/** A hand-over that fails has to say so within 5 s; who asks does so four times a second. */
const PATIENCE_MS = 3_750;

export class HealthWatch {
  #health: Health = 'opening';
  #since: number;

  /** `now`: milliseconds, here and below. */
  constructor(now: number) {
    this.#since = now;
  }

  /** `stands`: we are connected, and everything that should be published is. */
  read(stands: boolean, now: number): Health {
    if (stands) {
      this.#health = 'ready';
    } else if (this.#health === 'ready') {
      this.#health = 'opening';
      this.#since = now;
    } else if (now - this.#since >= PATIENCE_MS) {
      this.#health = 'failed';
    }
    return this.#health;
  }
}
