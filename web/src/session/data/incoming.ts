/**
 * What another member's hub says to us, in one life of it: brought into order, each message once.
 */

import { AUDIENCES, type Audience, type Numbers, type Words } from './frames';
import { LIMITS } from './limits';

/** Of the lossy messages, so many latest are told apart; older ones count as heard. */
const WINDOW = 256;

interface Held {
  readonly words: Words;
  readonly size: number;
}

/** Messages to one audience, from the one after `base` on. */
class Sequence {
  /** Up to here everything has been handed on. */
  last: number;
  /** The highest number that is known to exist. */
  highest: number;
  readonly #held = new Map<number, Held>();
  #characters = 0;

  constructor(base: number) {
    this.last = base;
    this.highest = base;
  }

  /** A message has come; returns those whose turn it is. */
  take(words: Words, size: number): Words[] {
    const { number } = words;
    this.highest = Math.max(this.highest, number);
    if (number <= this.last || this.#held.has(number)) return [];
    const { messages, characters } = LIMITS.kept;
    const isNext = number === this.last + 1;
    // It will be said again: its sender keeps it, and we know that it exists.
    const isTooMuch = this.#held.size >= messages || this.#characters + size > characters;
    if (isTooMuch && !isNext) return [];
    this.#held.set(number, { words, size });
    this.#characters += size;
    return this.#ready();
  }

  /** What came up to `base` is not for us, and up to `floor` is gone: goes on after these. */
  skip(base: number, floor: number): { readonly ready: Words[]; readonly lost: number } {
    const owedAfter = Math.max(this.last, base);
    const until = Math.max(owedAfter, floor);
    const ready: Words[] = [];
    for (const number of [...this.#held.keys()].sort((a, b) => a - b)) {
      if (number <= until) ready.push(...this.#release(number));
    }
    const owed = ready.filter(({ number }) => number > owedAfter).length;
    this.last = until;
    this.highest = Math.max(this.highest, until);
    return { ready: [...ready, ...this.#ready()], lost: until - owedAfter - owed };
  }

  /** Forgets what is held back; it can be had again. */
  rest(): void {
    this.#held.clear();
    this.#characters = 0;
  }

  #ready(): Words[] {
    const ready: Words[] = [];
    while (this.#held.has(this.last + 1)) {
      this.last += 1;
      ready.push(...this.#release(this.last));
    }
    return ready;
  }

  #release(number: number): Words[] {
    const held = this.#held.get(number);
    if (!held) return [];
    this.#held.delete(number);
    this.#characters -= held.size;
    return [held.words];
  }
}

export class Incoming {
  /** The life of their hub. */
  readonly epoch: string;
  readonly #sequences: Readonly<Record<Audience, Sequence>>;
  /** For each lossy number modulo the window, the latest that was heard. */
  readonly #heard = new Float64Array(WINDOW);

  constructor(epoch: string, base: Numbers) {
    this.epoch = epoch;
    this.#sequences = { all: new Sequence(base.all), one: new Sequence(base.one) };
  }

  /** Up to where everything has been handed on. */
  get have(): Numbers {
    return { all: this.#sequences.all.last, one: this.#sequences.one.last };
  }

  /** Something is known to have been said that is not here yet. */
  get lacks(): boolean {
    return AUDIENCES.some((one) => this.#sequences[one].last < this.#sequences[one].highest);
  }

  /** A message has come; returns those whose turn it is. `size`: of its frame. */
  take(words: Words, size: number): Words[] {
    return this.#sequences[words.audience].take(words, size);
  }

  /** Whether a lossy message is heard for the first time. */
  isNews({ number }: Words): boolean {
    const place = number % WINDOW;
    if ((this.#heard[place] ?? 0) >= number) return false;
    this.#heard[place] = number;
    return true;
  }

  /** There are messages up to these numbers. */
  expect({ all, one }: { readonly all: number; readonly one: number | null }): void {
    this.#sequences.all.highest = Math.max(this.#sequences.all.highest, all);
    this.#sequences.one.highest = Math.max(this.#sequences.one.highest, one ?? 0);
  }

  /**
   * What came up to `base` is not for us, what came up to `floor` cannot be had any more.
   * Returns what can be handed on instead of waiting for these, and how many are lost.
   */
  skip(base: Numbers, floor: Numbers): { readonly ready: Words[]; readonly lost: number } {
    const skipped = AUDIENCES.map((one) => this.#sequences[one].skip(base[one], floor[one]));
    return {
      ready: skipped.flatMap(({ ready }) => ready),
      lost: skipped.reduce((total, { lost }) => total + lost, 0),
    };
  }

  /** Forgets what is held back, because the member is gone; it may come back. */
  rest(): void {
    this.#sequences.all.rest();
    this.#sequences.one.rest();
  }
}
