/** Whether a mesh is more than our processor or uplink can carry, for long enough to say so. */

import type { Mode } from '../../session/media_session';
import type { QualityLimit } from '../../session/statistics';

/** A browser finds out what a new link can carry, and says "bandwidth" until it knows. */
const YOUNG_MS = 10_000;
const LASTS_MS = 5_000;
/** With fewer, a server has nothing to offer. */
const MEMBERS = 4;
/** After a longer silence nobody knows what was in between. */
const SILENCE_MS = 4_000;

export type Strain = Extract<QualityLimit, 'cpu' | 'bandwidth'>;

export interface StrainFacts {
  readonly mode: Mode;
  readonly generation: number;
  /** Ourselves included. */
  readonly members: number;
}

interface Link {
  readonly since: number;
  seenAt: number;
  /** Since when our picture on it has been held back. */
  limitedSince: number | null;
}

/** Knows no clock: times are arguments, in milliseconds. */
export class StrainWatch {
  readonly #links = new Map<string, Link>();
  #generation = 0;
  #isReported = false;

  /** What holds our picture back on one link; returns what is worth a report now, if anything. */
  sample(
    memberId: string,
    limitedBy: QualityLimit,
    facts: StrainFacts,
    now: number,
  ): Strain | null {
    this.#follow(facts);
    const link = this.#look(memberId, now);
    const counts = isStrainable(facts) && now - link.since >= YOUNG_MS;
    if (!counts || !isStrain(limitedBy)) {
      link.limitedSince = null;
      return null;
    }
    link.limitedSince ??= now;
    if (this.#isReported || now - link.limitedSince < LASTS_MS) return null;
    this.#isReported = true;
    return limitedBy;
  }

  /** A link is gone; the next to the same member is a new one. */
  forget(memberId: string): void {
    this.#links.delete(memberId);
  }

  clear(): void {
    this.#links.clear();
    this.#isReported = false;
  }

  #look(memberId: string, now: number): Link {
    const link = this.#links.get(memberId) ?? { since: now, seenAt: now, limitedSince: null };
    this.#links.set(memberId, link);
    if (now - link.seenAt > SILENCE_MS) link.limitedSince = null;
    link.seenAt = now;
    return link;
  }

  /** One report per course: the server remembers it for the room's life. */
  #follow({ generation }: StrainFacts): void {
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#isReported = false;
    for (const link of this.#links.values()) link.limitedSince = null;
  }
}

function isStrainable({ mode, members }: StrainFacts): boolean {
  return mode === 'mesh' && members >= MEMBERS;
}

function isStrain(limit: QualityLimit): limit is Strain {
  return limit === 'cpu' || limit === 'bandwidth';
}
