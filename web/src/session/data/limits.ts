/** How much may be said, and how much of it is kept. */

export const LIMITS = {
  /** Characters of a topic. */
  topic: 64,
  /** Bytes of a payload as JSON in UTF-8. */
  payload: 16_384,
  /** Characters of what travels: a payload, its topic, and our words around them. */
  frame: 18_432,
  /** Characters of the name of one life of a hub. */
  epoch: 160,
  /**
   * What a sender keeps to say it again, all audiences together; and what a receiver holds back of
   * each sender until what came before it is there.
   */
  kept: { messages: 4_096, characters: 2_097_152 },
  /** For so long, in milliseconds, a sender keeps what it has sent to everybody it is for. */
  keptFor: 60_000,
} as const;

/** How many bytes a text has in UTF-8. */
export function sizeOf(text: string): number {
  return encoder.encode(text).length;
}

const encoder = new TextEncoder();
