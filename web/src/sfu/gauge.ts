/** What is measured of a call through the server: figures, levels, and who has fallen silent. */

import { perceived } from '../media/level_meter';
import type { SessionEvent } from '../session/media_session';
import { Measurement } from './measurement';
import type { RemoteMember } from './remote_member';
import type { Stay } from './stay';

const STATISTICS_MS = 2_000;

export class Gauge {
  readonly #members: ReadonlyMap<string, RemoteMember>;
  readonly #emit: (event: SessionEvent) => void;
  #stay: Stay | null = null;
  #measurement = new Measurement();
  #measuredAt = 0;
  /** Of whom packets should have come when it was measured last. */
  readonly #expected = new Set<string>();
  #isMeasuring = false;

  constructor(members: ReadonlyMap<string, RemoteMember>, emit: (event: SessionEvent) => void) {
    this.#members = members;
    this.#emit = emit;
  }

  /** Measures in this stay from now on, where all counters begin at nothing; null: nowhere. */
  follow(stay: Stay | null): void {
    if (stay === this.#stay) return;
    this.#stay = stay;
    this.#measurement = new Measurement();
    this.#expected.clear();
    for (const member of this.#members.values()) member.isSilent = false;
  }

  /** Tells figures about each member if it is time; `now`: milliseconds. */
  measure(now: number): void {
    if (now - this.#measuredAt < STATISTICS_MS || this.#isMeasuring || !this.#stay) return;
    this.#measuredAt = now;
    this.#isMeasuring = true;
    void this.#measure(this.#stay).finally(() => {
      this.#isMeasuring = false;
    });
  }

  /** Tells how loud everybody is. */
  listen(): void {
    const stay = this.#stay;
    if (!this.#members.size || !stay) return;
    const levels = new Map<string, number>();
    for (const id of this.#members.keys()) {
      levels.set(id, stay.isConnected ? perceived(stay.down.audioLevel(id)) : 0);
    }
    this.#emit({ type: 'levels', levels });
  }

  async #measure(stay: Stay): Promise<void> {
    const { send, receive } = stay.transports;
    if (!receive) return;
    try {
      const [received, sent] = await Promise.all([receive.getStats(), send?.getStats() ?? null]);
      if (this.#stay !== stay) return;
      const sections = new Map(
        [...this.#members.keys()].map((id) => [
          id,
          stay.down.consumers(id).map(({ localId }) => localId),
        ]),
      );
      const figures = this.#measurement.read({ send: sent, receive: received, sections });
      for (const [memberId, statistics] of figures) {
        this.#emit({ type: 'statistics', memberId, statistics });
      }
      this.#noticeSilence(stay);
    } catch {
      // A transport that has just been closed has nothing to tell.
    }
  }

  /** Whoever was to be heard of at the last report and at this one, and was not in between. */
  #noticeSilence({ down }: Stay): void {
    for (const member of this.#members.values()) {
      const isExpected = down.isExpected(member.id);
      const wasExpected = this.#expected.has(member.id);
      member.isSilent = isExpected && wasExpected && this.#measurement.isStill(member.id);
      if (isExpected) this.#expected.add(member.id);
      else this.#expected.delete(member.id);
    }
  }
}
