import { t } from '../strings';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long a room has been open, in the roughest words that still say something. */
export function openSince(createdAt: string, now: number): string {
  const elapsed = now - Date.parse(createdAt);
  if (!(elapsed >= MINUTE)) return t.dashboard.justOpened;
  if (elapsed < HOUR) return t.dashboard.since(t.dashboard.minutes(Math.floor(elapsed / MINUTE)));
  if (elapsed < DAY) return t.dashboard.since(t.dashboard.hours(Math.floor(elapsed / HOUR)));
  return t.dashboard.since(t.dashboard.days(Math.floor(elapsed / DAY)));
}
