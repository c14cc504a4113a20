/** Whether a picture moves: its frames, as long as that is of interest. */

import type { FrameClock } from './frames';

/** Slower than this is not moving. */
const STILL_MS = 1_000;
/** Nothing is known yet, so long after one has begun to look. */
const BLINK_MS = 500;
/** Frames remembered. */
const LONGEST = 600;

export class Pulse {
  readonly #stop: () => void;
  readonly #since: number;
  #times: number[] = [];

  /** `began`: the first frame has come. */
  constructor(stream: MediaStream, frames: FrameClock, now: number, began?: () => void) {
    this.#since = now;
    this.#stop = frames(stream, (at) => {
      this.#times.push(at);
      if (this.#times.length === 1) began?.();
      if (this.#times.length > LONGEST) this.#times = this.#times.slice(-LONGEST / 2);
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

  stop(): void {
    this.#stop();
  }
}
