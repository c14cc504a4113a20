/** Chat text as it is shown: plain, with links one can follow. */

export interface Piece {
  readonly text: string;
  /** Where it leads; null for plain text. */
  readonly href: string | null;
}

/** Links with a scheme we follow; a full stop or bracket at the end belongs to the sentence. */
const LINK = /https?:\/\/[^\s<>"]*[^\s<>"'.,:;!?)\]}]/g;

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), href: null });
    pieces.push({ text: match[0], href: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), href: null });
  return pieces;
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** The time of day of an ISO 8601 moment; empty for nonsense. */
export function clock(sentAt: string): string {
  const moment = new Date(sentAt);
  return Number.isNaN(moment.getTime()) ? '' : CLOCK.format(moment);
}
