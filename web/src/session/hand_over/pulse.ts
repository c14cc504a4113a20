/** Whether a picture moves: its frames, as long as that is of interest. */

import type { FrameClock } from './frames';

/** Slower than this is not moving. */
const STILL_MS = 1_000;
/** Nothing is known yet, so long after one has begun to look. */
const BLINK_MS = 500;
/** Longer than two frames of a slow picture: the next one is not to be waited for. */
const BEAT_MS = 150;
/** However slow a picture is, frames further apart than this show different moments. */
const APART_MS = 33;
/** Frames remembered. */
const LONGEST = 600;

export class Pulse {
  readonly #stop: () => void;
  readonly #since: number;
  #times: number[] = [];

  /** `beat`: a frame has just been presented. */
  constructor(stream: MediaStream, frames: FrameClock, now: number, beat: () => void) {
    this.#since = now;
    this.#stop = frames(stream, (at) => {
      this.#times.push(at);
      if (this.#times.length > LONGEST) this.#times = this.#times.slice(-LONGEST / 2);
      beat();
    });
  }

  /** When frames were presented, in order. */
  get times(): readonly number[] {
    return this.#times;
  }

  /** Moving, as far as anybody can tell. */
  isMoving(now: number): boolean {
    const last = this.#times.at(-1);
    return last === undefined ? now - this.#since < BLINK_MS : now - last < STILL_MS;
  }

  /** Whether another frame is to be expected at any moment. */
  isBeating(now: number): boolean {
    const last = this.#times.at(-1);
    return last !== undefined && now - last < BEAT_MS;
  }

  /** Whether the latest frames of both show the same moment: less than half a frame is between. */
  isInStep(other: Pulse): boolean {
    const [before, last] = this.#times.slice(-2);
    const theirs = other.#times.at(-1);
    if (before === undefined || last === undefined || theirs === undefined) return false;
    return Math.abs(last - theirs) < Math.min((last - before) / 2, APART_MS);
  }

  stop(): void {
    this.#stop();
  }
}
