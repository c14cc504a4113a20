/** Frames of the server as text, read without trust in their being well-formed. */

import type { ServerMessage } from './protocol';

/**
 * The message in a frame; null when it is none we could do anything with.
 *
 * Only the envelope is looked at: the server is the page's own, and a newer one may say more than
 * we know. What passes through it from other members (payloads) is checked where it is used.
 */
export function readFrame(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    const hasType =
      typeof value === 'object' &&
      value !== null &&
      'type' in value &&
      typeof value.type === 'string';
    return hasType ? (value as ServerMessage) : null;
  } catch {
    return null;
  }
}

/** Frames outside the count that both sides keep for a resume. */
const UNCOUNTED: ReadonlySet<string> = new Set(['client-id', 'pong', 'goodbye']);

export function isCounted(message: ServerMessage): boolean {
  return !UNCOUNTED.has(message.type);
}
