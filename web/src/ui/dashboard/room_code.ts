/**
 * The room id in what somebody pasted or typed: a whole link, a path, or the bare code.
 *
 * Returns null for what cannot name a room.
 */
export function roomCodeOf(input: string): string | null {
  const text = input.trim();
  const inLink = /(?:^|\/)r\/([^/?#\s]+)/.exec(text)?.[1];
  if (inLink !== undefined) return decode(inLink);
  return /^[^\s/?#:]+$/.test(text) ? decode(text) : null;
}

function decode(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
