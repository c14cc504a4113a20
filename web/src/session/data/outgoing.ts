/**
 * What we have said reliably: numbered for each audience, and kept to be said again.
 *
 * Beyond the limits the oldest is forgotten, whoever it was for.
 */

import type { Numbers } from './frames';
import { LIMITS } from './limits';

/** A member's id, or (null) everybody. */
export type Recipient = string | null;

interface Kept {
  readonly to: Recipient;
  readonly number: number;
  readonly text: string;
  readonly at: number;
}

interface Sequence {
  /** The last message's. */
  number: number;
  /** Messages up to here are forgotten. */
  floor: number;
  readonly texts: Map<number, Kept>;
}

export class Outgoing {
  readonly #sequences = new Map<Recipient, Sequence>();
  /** Everything kept, oldest first. */
  readonly #kept = new Set<Kept>();
  #characters = 0;
  /** No sequence has ever had a higher number. */
  #highest: number;

  /** `first`: where to begin counting. */
  constructor(first = 0) {
    this.#highest = first;
  }

  /** How much is kept. */
  get load(): { readonly messages: number; readonly characters: number } {
    return { messages: this.#kept.size, characters: this.#characters };
  }

  /** The number of the last message for everybody, and of the last for this member alone. */
  tip(memberId: string): Numbers {
    return { all: this.#of(null).number, one: this.#of(memberId).number };
  }

  /** Up to where messages are forgotten. */
  floor(memberId: string): Numbers {
    return { all: this.#of(null).floor, one: this.#of(memberId).floor };
  }

  /** Numbers a message, and keeps what `write` makes of it. */
  add(to: Recipient, write: (number: number) => string, now: number): void {
    const sequence = this.#of(to);
    const number = sequence.number + 1;
    const kept: Kept = { to, number, text: write(number), at: now };
    sequence.number = number;
    this.#highest = Math.max(this.#highest, number);
    sequence.texts.set(number, kept);
    this.#kept.add(kept);
    this.#characters += kept.text.length;
    const { messages, characters } = LIMITS.kept;
    for (const oldest of this.#kept) {
      if (this.#kept.size <= messages && this.#characters <= characters) break;
      this.#forget(oldest);
    }
  }

  /** A message as it travels; null: forgotten. */
  text(to: Recipient, number: number): string | null {
    return this.#of(to).texts.get(number)?.text ?? null;
  }

  /** Forgets what is old; `isDone` says what every recipient has been sent. */
  expire(isDone: (to: Recipient, number: number) => boolean, now: number): void {
    for (const kept of this.#kept) {
      if (now - kept.at < LIMITS.keptFor) break;
      const isNext = kept.number === this.#of(kept.to).floor + 1;
      if (isNext && isDone(kept.to, kept.number)) this.#forget(kept);
    }
  }

  /** A member left. Should it come back, its sequence goes on above all that ever were. */
  drop(memberId: string): void {
    for (const kept of this.#of(memberId).texts.values()) this.#forget(kept);
    this.#sequences.delete(memberId);
  }

  #of(to: Recipient): Sequence {
    let sequence = this.#sequences.get(to);
    if (!sequence) {
      sequence = { number: this.#highest, floor: this.#highest, texts: new Map() };
      this.#sequences.set(to, sequence);
    }
    return sequence;
  }

  #forget(kept: Kept): void {
    const sequence = this.#of(kept.to);
    this.#kept.delete(kept);
    this.#characters -= kept.text.length;
    sequence.texts.delete(kept.number);
    sequence.floor = kept.number;
  }
}
