/**
 * When the camera may be asked for another size.
 *
 * A camera that changes its size shows nothing for a moment: never during a hand-over, and when
 * people come or go, not before it is clear whether that begins one.
 */

import type { Profile } from '../../media/ladder';

const SETTLES_MS = 1_000;

export class CaptureFit {
  readonly #apply: (profile: Profile) => void;
  readonly #wanted: () => Profile;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;

  constructor(apply: (profile: Profile) => void, wanted: () => Profile) {
    this.#apply = apply;
    this.#wanted = wanted;
  }

  /** We have just entered, or a hand-over is over. */
  now(): void {
    this.stop();
    this.#apply(this.#wanted());
  }

  /** People came or went. */
  soon(): void {
    if (!this.#isHeld) this.#in(SETTLES_MS);
  }

  /** A hand-over is under way, and over after at most so many milliseconds. */
  hold(longest: number): void {
    this.#isHeld = true;
    this.#in(longest);
  }

  /** The hand-over does not take place. */
  release(): void {
    this.#isHeld = false;
    this.soon();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#isHeld = false;
  }

  #in(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.now(), delay);
  }
}
