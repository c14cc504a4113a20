/**
 * What we and one other member know of each other, and on which paths we reach each other.
 *
 * Whoever wants to hear a member on a path asks it there, as soon as the path is open, and again
 * until there is an answer. The answer says from where on messages are for the asker (`base`) and
 * makes the asked one send on that path; so nothing is sent where nobody listens. Every question
 * says what the asker has, on which paths it hears, and up to where it has spoken itself (`tip`),
 * and finds whatever was lost with another path. Who is asked and has a question of its own lets
 * it travel with the answer.
 *
 *   a path has opened      → ask on it
 *   a path has closed      → ask on another that is open: what was under way may be lost
 *   something is missing   → wait a moment, it may come on another path; then ask for it
 *   another life answers   → their page was loaded anew: forget what was heard and sent
 *
 * Only an answer to our latest question proves which of two lives is the living one: anything
 * else may have been under way for long.
 */

import type { Answer, Ask, Numbers } from './frames';
import type { Incoming } from './incoming';
import { PATHS, type PathName } from './paths';

/** How soon a question is repeated, at first and at last. */
const REPEAT_MS = { first: 1_000, last: 30_000 };
/** So long something may be missing before it is asked for, at first and at last. */
const MISSING_MS = { first: 250, last: 8_000 };
/** What seems odd is asked about no more often than this. */
const DOUBT_MS = { first: 250, last: 30_000 };
/** What is said again at their request is said again no more often than this. */
const REWIND_MS = 200;

/** A path to the member that is open, as far as we can see. */
interface Line {
  /** Our first question on it, and our last; 0: none. */
  first: number;
  asked: number;
  askedAt: number;
  /** When to ask again, unless there is an answer. */
  dueAt: number;
  /** Questions since the last answer. */
  tries: number;
  isAnswered: boolean;
  /** They send on it, as far as we know. */
  isServed: boolean;
  /** Their question that makes us send on it; 0: none. */
  serves: number;
}

export class Correspondent {
  readonly id: string;
  /** The life of their hub; null: we have not heard of it yet. */
  epoch: string | null = null;
  /** What we hear from them; null: nothing, until they have told us from where on. */
  incoming: Incoming | null;
  /** Whether this life has ever been sent anything. */
  isReached = false;
  /** What came up to here was not for them. */
  base: Numbers;
  /** Sent, up to here. */
  sent: Numbers;
  readonly #lines = new Map<PathName, Line>();
  /** What had been said when they were last out of reach: their next life has missed the rest. */
  #mark: Numbers | null = null;
  #rewoundAt = -Infinity;
  /** Since when something has been missing and nothing has come of it; null: nothing is. */
  #missingSince: number | null = null;
  #missingTries = 0;

  /** `tip`: what had been said when they came; `incoming`: from their last stay, if known. */
  constructor(id: string, tip: Numbers, incoming: Incoming | null) {
    this.id = id;
    this.base = tip;
    this.sent = tip;
    this.incoming = incoming;
  }

  /** The paths that are open, on which we hear them or are about to. */
  get open(): PathName[] {
    return PATHS.filter((path) => this.#lines.has(path));
  }

  /** Whether both can use this path, as far as we know. */
  serves(path: PathName): boolean {
    return (this.#lines.get(path)?.serves ?? 0) > 0;
  }

  /** Where to send; null: nowhere yet. */
  route(preferred: PathName): PathName | null {
    if (this.serves(preferred)) return preferred;
    return PATHS.find((path) => this.serves(path)) ?? null;
  }

  opened(path: PathName): void {
    if (this.#lines.has(path)) return;
    this.#lines.set(path, line());
  }

  /** `tip`: what has been said by now. */
  closed(path: PathName, tip: Numbers): void {
    if (!this.#lines.delete(path)) return;
    if (!this.#lines.size) this.#mark = tip;
    // Nothing may ever follow that shows what was lost.
    for (const other of this.#lines.values()) expectAnswer(other);
  }

  /** The paths on which a question is due. */
  questions(now: number): PathName[] {
    const due: PathName[] = [];
    for (const [path, one] of this.#lines) if (!one.isAnswered && now >= one.dueAt) due.push(path);
    return due;
  }

  /** Where to ask for what has been missing for a while; null: nothing to ask for, or nobody. */
  missing(now: number, preferred: PathName): PathName | null {
    if (!this.incoming?.lacks) {
      this.#missingSince = null;
      this.#missingTries = 0;
      return null;
    }
    this.#missingSince ??= now;
    if (now < this.#missingSince + slower(MISSING_MS, this.#missingTries)) return null;
    const others = PATHS.filter((path) => path !== preferred);
    // One of them may be broken without a sign.
    const paths = [preferred, ...others].filter((path) => this.#lines.has(path));
    return paths[this.#missingTries % paths.length] ?? null;
  }

  /** What is missing has been asked for. */
  askedForMissing(now: number): void {
    this.#missingSince = now;
    this.#missingTries += 1;
  }

  /** Something has been handed on. */
  progressed(now: number): void {
    if (this.#missingSince !== null) this.#missingSince = now;
    this.#missingTries = 0;
  }

  /** A question of ours, to be sent on this path. `id` is higher than any before. */
  ask(path: PathName, id: number, lacks: boolean, now: number): Ask | null {
    const one = this.#lines.get(path);
    if (!one) return null;
    one.first ||= id;
    one.asked = id;
    one.askedAt = now;
    one.tries += 1;
    one.dueAt = now + slower(REPEAT_MS, one.tries);
    return {
      id,
      known: this.incoming?.epoch ?? null,
      have: this.incoming?.have ?? { all: 0, one: 0 },
      // What was said while nothing served us we have missed.
      lacks: lacks || ![...this.#lines.values()].some(({ isServed }) => isServed),
      serves: one.serves > 0,
      open: this.open,
    };
  }

  /** Whether we have a question on this path that may travel with an answer of ours. */
  wants(path: PathName, now: number): boolean {
    const one = this.#lines.get(path);
    // One that was asked just now may have crossed theirs.
    return one !== undefined && !one.isAnswered && now >= one.askedAt + DOUBT_MS.first;
  }

  /** They do not serve us on this path, or may be another life: asks again soon. */
  doubt(path: PathName): void {
    const one = this.#lines.get(path);
    if (!one) return;
    one.isAnswered = false;
    one.isServed = false;
    one.dueAt = Math.min(one.dueAt, one.askedAt + slower(DOUBT_MS, one.tries));
  }

  /** Whether this life of theirs has answered us on the path; a new one has to be quick. */
  accepts(path: PathName, { id }: Answer, epoch: string): boolean {
    const one = this.#lines.get(path);
    if (!one || !one.first || id > one.asked) return false;
    return id >= (epoch === this.epoch ? one.first : one.asked);
  }

  answered(path: PathName): void {
    const one = this.#lines.get(path);
    if (!one) return;
    one.isAnswered = true;
    one.isServed = true;
    one.tries = 0;
  }

  /** They are there, for the first time or in another life. `tip`: what has been said by now. */
  meet(epoch: string, tip: Numbers): void {
    if (this.epoch !== null) {
      this.base = this.#mark ?? tip;
      this.sent = this.base;
    }
    this.epoch = epoch;
    this.isReached = false;
    if (this.incoming?.epoch !== epoch) this.incoming = null;
    for (const one of this.#lines.values()) {
      one.serves = 0;
      one.first = 0;
      one.isServed = false;
      expectAnswer(one);
    }
  }

  /**
   * They ask to be served on this path; false: they have asked something newer since, or the path
   * is not open. `ours`: our own life; `tip`: what has been said by now.
   */
  serve(
    path: PathName,
    ask: Ask,
    ours: { readonly epoch: string; readonly tip: Numbers; readonly preferred: PathName },
    now: number,
  ): boolean {
    const one = this.#lines.get(path);
    if (!one || ask.id <= one.serves) return false;
    const before = this.route(ours.preferred);
    this.#hangUp(ask);
    one.serves = ask.id;
    this.#mark = null;
    const isLost = before === null || !this.serves(before);
    if (isLost || (ask.lacks && now >= this.#rewoundAt + REWIND_MS)) {
      this.#rewoundAt = now;
      const have = ask.known === ours.epoch ? ask.have : this.base;
      this.sent = {
        all: this.#from('all', have, ours.tip),
        one: this.#from('one', have, ours.tip),
      };
    }
    return true;
  }

  /** Sends no more on paths on which they do not hear us. */
  #hangUp({ id, open }: Ask): void {
    for (const [path, one] of this.#lines) {
      if (!open.includes(path) && one.serves < id) one.serves = 0;
    }
  }

  #from(audience: keyof Numbers, have: Numbers, tip: Numbers): number {
    return Math.min(Math.max(have[audience], this.base[audience]), tip[audience]);
  }
}

function line(): Line {
  return {
    first: 0,
    asked: 0,
    askedAt: -Infinity,
    dueAt: -Infinity,
    tries: 0,
    isAnswered: false,
    isServed: false,
    serves: 0,
  };
}

function expectAnswer(one: Line): void {
  one.isAnswered = false;
  one.dueAt = -Infinity;
  one.tries = 0;
}

function slower({ first, last }: { first: number; last: number }, tries: number): number {
  return Math.min(last, first * 2 ** Math.max(0, tries - 1));
}
