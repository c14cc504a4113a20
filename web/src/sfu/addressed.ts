/**
 * A text for one member alone: its first line is `@` and the member's id. The server reads that line
 * and passes the text on to nobody else.
 */

/** The text as it is sent; `to` null: for everybody. Null: it would be taken for an address. */
export function address(text: string, to: string | null): string | null {
  if (to !== null) return `@${to}\n${text}`;
  return text.startsWith('@') ? null : text;
}

/** What a received text says to us; null: it is for somebody else, or no text at all. */
export function readAddressed(data: unknown, own: string): string | null {
  if (typeof data !== 'string') return null;
  if (!data.startsWith('@')) return data;
  const line = `@${own}\n`;
  return data.startsWith(line) ? data.slice(line.length) : null;
}
