/**
 * What members tell each other besides sound and pictures, however the room's media travels.
 *
 * A message has a topic and is for everybody or for one member. Reliable messages arrive once, in
 * the order in which they were sent to the same audience (everybody, or that member), across
 * reconnects and hand-overs, as long as both pages live; whoever enters gets those sent since.
 * Lossy ones arrive soon or not at all, at most once.
 */

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface DataMessage {
  readonly topic: string;
  readonly from: string;
  readonly payload: Json;
  /** It was for us alone. */
  readonly direct: boolean;
}

export interface PublishOptions {
  /** For one member; otherwise for everybody in the room. */
  readonly to?: string;
  readonly lossy?: boolean;
}

export interface DataChannels {
  /** Throws `RangeError` for a topic or payload that is too large; see `limits`. */
  publish(topic: string, payload: Json, options?: PublishOptions): void;
  /** Returns how to stop. */
  subscribe(topic: string, listener: (message: DataMessage) => void): () => void;
}
