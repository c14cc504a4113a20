/** Which key does what, and when keys are only letters. */

import { t } from '../strings';

export type Shortcut =
  'microphone' | 'camera' | 'chat' | 'people' | 'layout' | 'hand' | 'help' | 'close' | 'talk';

/** The keys, in the order in which the list shows them. */
export const SHORTCUTS: readonly (readonly [key: string, shortcut: Shortcut, shown: string])[] = [
  ['m', 'microphone', 'M'],
  ['v', 'camera', 'V'],
  ['c', 'chat', 'C'],
  ['p', 'people', 'P'],
  ['g', 'layout', 'G'],
  ['h', 'hand', 'H'],
  [' ', 'talk', t.room.shortcuts.space],
  ['?', 'help', '?'],
  ['Escape', 'close', t.room.shortcuts.escape],
];

type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'target'>;

const TYPING = 'input, textarea, select, [contenteditable=""], [contenteditable="true"]';
/** Where the space bar presses, chooses or scrolls already. */
const PRESSING = `${TYPING}, button, a[href], summary, [role=option], [role=menuitem], [role=tab]`;

const withModifier = ({ ctrlKey, metaKey, altKey }: KeyPress): boolean =>
  ctrlKey || metaKey || altKey;

/** Where a key keeps its own meaning. Escape closes from everywhere. */
function taken(shortcut: Shortcut): string | null {
  if (shortcut === 'close') return null;
  return shortcut === 'talk' ? PRESSING : TYPING;
}

/** What a key press means; null for nothing: letters belong to whoever is typing. */
export function shortcutFor(press: KeyPress): Shortcut | null {
  if (withModifier(press)) return null;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const found = SHORTCUTS.find(([wanted]) => wanted === key)?.[1];
  if (found === undefined) return null;
  const elsewhere = taken(found);
  const target = press.target instanceof Element ? press.target : null;
  return elsewhere !== null && target?.closest(elsewhere) ? null : found;
}
