/**
 * Whom to look at: who is heard, and who is large.
 *
 * A cough changes nothing. Whoever has the floor long enough counts as heard, and for longer becomes
 * large; pauses between words count neither for nor against. Times are milliseconds.
 */

export interface Spotlight {
  /** Who is large; null: nobody has been heard yet. */
  readonly large: string | null;
  /** Who has been heard, the last first. */
  readonly heard: readonly string[];
  /** Who is on the way there. */
  readonly candidate: string | null;
  /** For how long the candidate had the floor before now. */
  readonly credit: number;
  /** Since when the candidate has it; null: there is a pause. */
  readonly since: number | null;
  /** When the pause began. */
  readonly pausedAt: number;
}

export const DARK: Spotlight = {
  large: null,
  heard: [],
  candidate: null,
  credit: 0,
  since: null,
  pausedAt: 0,
};

/** So long a voice is more than a noise. */
const HEARD_MS = 600;
/** So long somebody else has the floor before the large tile changes. */
const LARGE_MS = 1_800;
/** A pause that is longer ends a speech. */
const PAUSE_MS = 3_000;
/** More than anybody remembers. */
const REMEMBERED = 64;

/** Who has the floor has changed, or only time has passed; null: nobody has it, or we ourselves. */
export function follow(before: Spotlight, dominant: string | null, now: number): Spotlight {
  return settle(turn(before, dominant, now), now);
}

function turn(before: Spotlight, dominant: string | null, now: number): Spotlight {
  const { candidate, credit, since, pausedAt } = before;
  if (dominant === null) {
    if (since === null) return before;
    return { ...before, credit: credit + now - since, since: null, pausedAt: now };
  }
  if (dominant !== candidate) return { ...before, candidate: dominant, credit: 0, since: now };
  if (since !== null) return before;
  return { ...before, credit: now - pausedAt > PAUSE_MS ? 0 : credit, since: now };
}

function settle(before: Spotlight, now: number): Spotlight {
  const { candidate, large, heard } = before;
  if (candidate === null) return before;
  const time = floorTime(before, now);
  const isHeard = heard[0] === candidate || time >= HEARD_MS;
  const isLarge = large === candidate || time >= (large === null ? HEARD_MS : LARGE_MS);
  const nextHeard =
    isHeard && heard[0] !== candidate
      ? [candidate, ...heard.filter((id) => id !== candidate)].slice(0, REMEMBERED)
      : heard;
  const nextLarge = isLarge ? candidate : large;
  if (nextHeard === heard && nextLarge === large) return before;
  return { ...before, heard: nextHeard, large: nextLarge };
}

function floorTime({ credit, since }: Spotlight, now: number): number {
  return credit + (since === null ? 0 : now - since);
}

/** When to look again though nothing happens; null: never. */
export function nextLook(spotlight: Spotlight): number | null {
  const { candidate, large, heard, credit, since } = spotlight;
  if (candidate === null || since === null) return null;
  const started = since - credit;
  if (heard[0] !== candidate) return started + HEARD_MS;
  return large === candidate ? null : started + LARGE_MS;
}

/** Who has been heard by us or, before we were there, by others: the last first. */
export function heardOf(spotlight: Spotlight, told: readonly string[]): string[] {
  const { heard, candidate } = spotlight;
  return [...heard, ...told.filter((id) => id !== candidate && !heard.includes(id))];
}

/** Who is large among those who are there: who was, else who was heard last, else who came first. */
export function largeAmong(
  large: string | null,
  heard: readonly string[],
  present: readonly string[],
): string | null {
  if (large !== null && present.includes(large)) return large;
  return heard.find((id) => present.includes(id)) ?? present[0] ?? null;
}
