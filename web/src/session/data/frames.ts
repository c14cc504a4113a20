/**
 * What hubs say to each other, as JSON text:
 *
 *   message  something published, with its number in the sequence for its audience
 *   lossy    likewise, but it may be missed; numbered only so that it is not heard twice
 *   sync     a question (`ask`), an answer, or both: see `correspondent`
 *   tip      the number of the last message, for whoever has missed it and all that came after
 *
 * Frames come from other people's machines: whatever is too long, malformed or unknown is
 * dropped without a word.
 */

import type { Json } from './channels';
import { LIMITS } from './limits';
import { PATHS, type PathName } from './paths';

/** A message is numbered among those for everybody, or those for one member. */
export type Audience = 'all' | 'one';

export const AUDIENCES: readonly Audience[] = ['all', 'one'];

/** A number for each of the two sequences that one member receives from another. */
export type Numbers = Readonly<Record<Audience, number>>;

export interface Words {
  readonly audience: Audience;
  /** From 1 up. */
  readonly number: number;
  readonly topic: string;
  readonly payload: Json;
}

/** Serve me on this path, and tell me where I stand. */
export interface Ask {
  /** Grows from one question of a hub to the next. */
  readonly id: number;
  /** The life of yours that I know; null: none. */
  readonly known: string | null;
  /** The last number up to which I have everything, if I know you. */
  readonly have: Numbers;
  /** Something is missing: say again whatever comes after `have`. */
  readonly lacks: boolean;
  /** Whether I serve you on this path. */
  readonly serves: boolean;
  /** The paths on which I hear you. */
  readonly open: readonly PathName[];
}

export interface Answer {
  /** The question. */
  readonly id: number;
  /** The life of the hub that asked it. */
  readonly asker: string;
  /** What came up to here was not for you: you were not here. */
  readonly base: Numbers;
  /** What came up to here cannot be said again. */
  readonly floor: Numbers;
}

export type Frame =
  | ({ readonly type: 'message' | 'lossy'; readonly epoch: string } & Words)
  | {
      readonly type: 'sync';
      /** One life of a hub: numbers mean nothing in another. */
      readonly epoch: string;
      readonly tip: Numbers;
      readonly ask: Ask | null;
      readonly answer: Answer | null;
    }
  /** `one` is null where it is said to everybody. */
  | {
      readonly type: 'tip';
      readonly epoch: string;
      readonly tip: { readonly all: number; readonly one: number | null };
    };

const VERSION = 1;

export function writeFrame(frame: Frame): string {
  return JSON.stringify({ v: VERSION, ...frame });
}

export function readFrame(text: string): Frame | null {
  if (text.length > LIMITS.frame) return null;
  try {
    const fields = record(JSON.parse(text));
    return fields['v'] === VERSION ? read(fields) : null;
  } catch {
    return null;
  }
}

/** Fields of something that may be anything. */
type Fields = Partial<Record<string, unknown>>;

/** Thrown by what finds a field that is not as it should be. */
class Malformed extends Error {}

function read(fields: Fields): Frame | null {
  const { type } = fields;
  const epoch = name(fields['epoch'], LIMITS.epoch);
  switch (type) {
    case 'message':
    case 'lossy':
      return { type, epoch, ...readWords(fields) };
    case 'sync': {
      const { ask, answer } = fields;
      return {
        type,
        epoch,
        tip: numbers(fields['tip']),
        ask: ask === null ? null : readAsk(record(ask)),
        answer: answer === null ? null : readAnswer(record(answer)),
      };
    }
    case 'tip': {
      const { all, one } = record(fields['tip']);
      return { type, epoch, tip: { all: count(all), one: one === null ? null : count(one) } };
    }
    default:
      return null;
  }
}

function readWords({ audience, number, topic, payload }: Fields): Words {
  if (audience !== 'all' && audience !== 'one') throw new Malformed();
  if (payload === undefined || count(number) < 1) throw new Malformed();
  // JSON.parse makes nothing else.
  const said = payload as Json;
  return { audience, number: count(number), topic: name(topic, LIMITS.topic), payload: said };
}

function readAsk({ id, known, have, lacks, serves, open }: Fields): Ask {
  if (!Array.isArray(open) || open.length > PATHS.length) throw new Malformed();
  return {
    id: count(id),
    known: known === null ? null : name(known, LIMITS.epoch),
    have: numbers(have),
    lacks: lacks === true,
    serves: serves === true,
    open: PATHS.filter((path) => open.includes(path)),
  };
}

function readAnswer({ id, asker, base, floor }: Fields): Answer {
  return {
    id: count(id),
    asker: name(asker, LIMITS.epoch),
    base: numbers(base),
    floor: numbers(floor),
  };
}

function record(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Malformed();
  return value;
}

function numbers(value: unknown): Numbers {
  const { all, one } = record(value);
  return { all: count(all), one: count(one) };
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new Malformed();
  return value;
}

function name(value: unknown, longest: number): string {
  if (typeof value !== 'string' || !value || value.length > longest) throw new Malformed();
  return value;
}
