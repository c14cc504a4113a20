/**
 * How long to wait before the next attempt, in milliseconds.
 *
 * The first retry comes almost at once (most losses are a blink), later ones double; each is
 * spread over a range so that a restarted server is not met by everybody in the same moment.
 */

const FIRST_MS = 150;
const LONGEST_MS = 10_000;

/** `attempt` counts from 0; `random` is uniform in [0, 1). */
export function retryDelay(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return longest * (0.5 + random / 2);
}
