/** How somebody without a picture is shown: the same person always alike. */

const COLOURS = 8;

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function first(word: string): string {
  for (const { segment } of letters.segment(word)) return segment.toLocaleUpperCase();
  return '';
}

/** One or two letters for a name; a question mark for none. */
export function initials(name: string): string {
  const words = name
    .split(/[\s._-]+/u)
    .filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const [start = ''] = words;
  const end = words.length > 1 ? (words.at(-1) ?? '') : '';
  return first(start) + first(end) || '?';
}

/** Which of the avatar colours belongs to an id or name. */
export function colourOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % COLOURS;
}
