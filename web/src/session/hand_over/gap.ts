/** How long a picture stood still when its source was exchanged, beyond what it always does. */

/** Frames on both sides of the change that count. */
const WINDOW_MS = 1_000;
/** Fewer frames than these say nothing about what is usual. */
const ENOUGH = 4;

/**
 * The longest pause within a second after the change, less the longest in the second before, in
 * milliseconds; null: too few frames to tell. `old` and `fresh`: when frames came by the old way and
 * by the new one, in order; the old one is seen until the new one has a frame.
 */
export function gapOf(
  old: readonly number[],
  fresh: readonly number[],
  changedAt: number,
): number | null {
  const [first = Infinity] = fresh.filter((at) => at > changedAt);
  const times = [...old.filter((at) => at < first), ...fresh.filter((at) => at >= first)];
  const before = times.filter((at) => at <= changedAt && at > changedAt - WINDOW_MS);
  const later = times.filter((at) => at > changedAt);
  // The first of them ends a pause, however long.
  const after = later.filter((at, index) => index === 0 || at <= changedAt + WINDOW_MS);
  const last = before.at(-1);
  if (before.length < ENOUGH || last === undefined || !after.length) return null;
  return Math.max(0, Math.round(longest([last, ...after]) - longest(before)));
}

/** The worst of several; null: none is known. */
export function worstOf(gaps: readonly (number | null)[]): number | null {
  const known = gaps.filter((gap) => gap !== null);
  return known.length ? Math.max(...known) : null;
}

function longest(times: readonly number[]): number {
  return Math.max(0, ...times.slice(1).map((at, index) => at - (times[index] ?? at)));
}
