/** How a room's media travels, in words. */

import type { Pin } from '../../signaling/protocol';
import type { HandOver } from '../../store';
import { t } from '../strings';

const words = t.course;

/** Why, also for codes of a newer server. */
export function reasonWords(code: string): string {
  const reasons: Readonly<Record<string, string>> = words.reasons;
  return reasons[code] ?? words.otherReason(code);
}

/** What the room is held by; `nameOf` a member's name, null for ourselves. */
export function pinWords(
  { mode, reason, member }: Pin,
  nameOf: (id: string) => string | null,
): string {
  const name = member === null ? words.somebody : nameOf(member);
  if (reason === 'host' && name === null) return words.youPinned(words.ways[mode]);
  return words.pins[reason](name ?? words.you, words.ways[mode]);
}

/** `now` in milliseconds since 1970. */
export function handOverWords({ to, gap, at }: HandOver, now: number): string {
  const when = words.handedOver(to, Math.max(0, Math.round((now - at) / 1000)));
  return gap === null ? words.noGap(when) : words.gap(when, Math.round(gap));
}
