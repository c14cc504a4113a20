/**
 * Who sits where, when there are more people than places.
 *
 * Nothing jumps: whoever speaks changes places with the one of the first page who has been silent the
 * longest, whoever becomes large with the one who was, and whoever leaves has a successor from the
 * next page. Nobody else moves.
 */

export interface Seating {
  /** Everybody, in the order of places. Whoever is large keeps a place of their own, unseen. */
  readonly order: readonly string[];
  readonly large: string | null;
}

export const EMPTY: Seating = { order: [], large: null };

export interface Attendance {
  /** Everybody who is there, in the order in which they came. */
  readonly present: readonly string[];
  /** Who of them is large, and so in none of the places. */
  readonly large: string | null;
  /** How many places the first page has. */
  readonly seats: number;
  /** Whether the first page is looked at: only then anybody is brought to it. */
  readonly isLive: boolean;
  /** Who has been heard, the last first: as many of them as there are places have one. */
  readonly heard: readonly string[];
}

/** The seating after a change; the same object if nobody moves. */
export function reseat(before: Seating, now: Attendance): Seating {
  const here = fill(before, now);
  const promoted = exchange(here, before.large, now.large);
  const order = bringIn(promoted, now);
  const isSame = before.large === now.large && sameOrder(order, before.order);
  return isSame ? before : { order, large: now.large };
}

/** Without who left, with who came. On the first page a place that falls free is taken by the next. */
function fill({ order, large }: Seating, { present, seats }: Attendance): string[] {
  const here = new Set(present);
  const known = new Set(order);
  const pageEnd = seats + (large !== null && order.indexOf(large) < seats ? 1 : 0);
  const first = order.slice(0, pageEnd);
  const beyond = order.slice(pageEnd).filter((id) => here.has(id));
  const filled = first.flatMap((id) => (here.has(id) ? id : (beyond.shift() ?? [])));
  return [...filled, ...beyond, ...present.filter((id) => !known.has(id))];
}

/** Whoever was large takes the place of whoever becomes it. */
function exchange(order: readonly string[], was: string | null, is: string | null): string[] {
  return was === null || is === null ? [...order] : swap(order, was, is);
}

function bringIn(order: readonly string[], now: Attendance): string[] {
  const { isLive, large, seats, heard } = now;
  const wanted = isLive ? heard.filter((id) => id !== large && order.includes(id)) : [];
  return wanted.slice(0, seats).reduceRight(
    (before, speaker) => {
      const seated = before.filter((id) => id !== large);
      if (seated.indexOf(speaker) < seats) return before;
      const silent = unseat(seated.slice(0, seats), heard);
      return silent === null ? before : swap(before, speaker, silent);
    },
    [...order],
  );
}

/** Who has been silent the longest; of those who never spoke, the last. */
function unseat(seated: readonly string[], heard: readonly string[]): string | null {
  const silence = (id: string) => {
    const at = heard.indexOf(id);
    return at < 0 ? Infinity : at;
  };
  return seated.reduce<string | null>(
    (longest, id) => (longest === null || silence(id) >= silence(longest) ? id : longest),
    null,
  );
}

function swap(order: readonly string[], one: string, other: string): string[] {
  if (!order.includes(one) || !order.includes(other)) return [...order];
  return order.map((id) => (id === one ? other : id === other ? one : id));
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
