/**
 * Whether packets that came steadily have stopped coming.
 *
 *   quiet ──packets for a second──► steady ──none for half a second──► stalled ──packets──► quiet
 *
 * A browser says so itself only after five seconds (Chromium 156, where an address is taken away),
 * and not at all that its machine has another address. It may as well be that nobody has anything
 * to send any more: a stall is a reason to look, and none to act.
 */

const STEADY_MS = 1_000;
const STALL_MS = 500;
/** Packets farther apart than that do not come steadily. */
const BREAK_MS = STALL_MS;
/** After signaling was lost and found again, a stall is explained. */
const EXPLAINED_MS = 10_000;

export type Stall = 'unexplained' | 'explained';

export class FlowWatch {
  #newest = 0;
  #cameAt = -Infinity;
  #steadySince = Infinity;
  #restoredAt = -Infinity;
  #isTold = false;

  /**
   * Asked some ten times a second. `newest`: when the newest packet came, on any clock, 0: none has;
   * `now`: milliseconds, here and below. Tells of a stall once.
   */
  look(newest: number, now: number): Stall | null {
    if (newest !== this.#newest) {
      if (now - this.#cameAt > BREAK_MS) this.#steadySince = now;
      this.#newest = newest;
      this.#cameAt = now;
      this.#isTold = false;
      return null;
    }
    if (this.#isTold || !this.isStalled(now)) return null;
    this.#isTold = true;
    return now - this.#restoredAt < EXPLAINED_MS ? 'explained' : 'unexplained';
  }

  isStalled(now: number): boolean {
    const wasSteady = this.#cameAt - this.#steadySince >= STEADY_MS;
    return wasSteady && now - this.#cameAt >= STALL_MS;
  }

  /** Signaling was lost, and is back; whether packets need a new way too. */
  restored(now: number): boolean {
    this.#restoredAt = now;
    return this.isStalled(now);
  }
}

/** When the newest packet of some receivers came. */
export function newestPacket(receivers: Iterable<RTCRtpReceiver>): number {
  let newest = 0;
  for (const receiver of receivers) {
    for (const { timestamp } of receiver.getSynchronizationSources()) {
      newest = Math.max(newest, timestamp);
    }
  }
  return newest;
}
