/**
 * How things stand with our own share of the way.
 *
 *   opening ──it stands──► ready ──it does not any more──► opening
 *      └──── patience ends ────► slow, failed ──it stands──► ready
 *
 * It is slow where the server is reached: a busy page takes its time to publish, and is better off
 * there than in a mesh.
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

  /**
   * `stands`: we are connected, and everything that should be published is. `isReached`: at least we
   * are connected.
   */
  read(stands: boolean, isReached: boolean, now: number): Health {
    if (stands) {
      this.#health = 'ready';
    } else if (this.#health === 'ready') {
      this.#health = 'opening';
      this.#since = now;
    } else if (now - this.#since >= PATIENCE_MS) {
      this.#health = isReached ? 'slow' : 'failed';
    }
    return this.#health;
  }
}
