import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readFrame, writeFrame, type Frame } from './frames';
import { LIMITS } from './limits';
import { PATHS } from './paths';

const number = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const numbers = fc.record({ all: number, one: number }, { noNullPrototype: true });
const epoch = fc.string({ minLength: 1, maxLength: LIMITS.epoch });
const words = {
  epoch,
  audience: fc.constantFrom('all' as const, 'one' as const),
  number: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  topic: fc.string({ minLength: 1, maxLength: LIMITS.topic }),
  payload: fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
};
const ask = fc.record(
  {
    id: number,
    known: fc.option(epoch),
    have: numbers,
    lacks: fc.boolean(),
    serves: fc.boolean(),
    open: fc.subarray([...PATHS]),
  },
  { noNullPrototype: true },
);
const answer = fc.record(
  { id: number, asker: epoch, base: numbers, floor: numbers },
  { noNullPrototype: true },
);
const tip = fc.record({ all: number, one: fc.option(number) }, { noNullPrototype: true });
const frame = fc.oneof(
  fc.record({ type: fc.constantFrom('message', 'lossy'), ...words }, { noNullPrototype: true }),
  fc.record(
    {
      type: fc.constant('sync'),
      epoch,
      tip: numbers,
      ask: fc.option(ask),
      answer: fc.option(answer),
    },
    { noNullPrototype: true },
  ),
  fc.record({ type: fc.constant('tip'), epoch, tip }, { noNullPrototype: true }),
) as fc.Arbitrary<Frame>;

const MESSAGE: Frame = {
  type: 'message',
  epoch: 'e',
  audience: 'all',
  number: 1,
  topic: 't',
  payload: 1,
};

describe('a frame', () => {
  it('says what was said', () => {
    fc.assert(
      fc.property(frame, (one) => {
        expect(readFrame(writeFrame(one))).toEqual(one);
      }),
    );
  });

  it('is dropped when it is none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constant('[['.repeat(9_000))), (text) => {
        expect(readFrame(text)).toBeNull();
      }),
    );
  });

  it('is survived with any field replaced by anything', () => {
    const change = fc.tuple(frame, fc.nat(), fc.jsonValue());
    fc.assert(
      fc.property(change, ([one, which, value]) => {
        const changed = JSON.parse(writeFrame(one)) as Record<string, unknown>;
        const fields = Object.keys(changed);
        changed[fields[which % fields.length]!] = value;
        const read = readFrame(JSON.stringify(changed));
        if (read) expect(readFrame(writeFrame(read))).toEqual(read);
      }),
    );
  });

  it.each([
    ['of another version', { v: 2, ...MESSAGE }],
    ['of an unknown type', { v: 1, ...MESSAGE, type: 'dance' }],
    ['without a payload', { v: 1, ...MESSAGE, payload: undefined }],
    ['with a number that is none', { v: 1, ...MESSAGE, number: 1.5 }],
    ['with number nought', { v: 1, ...MESSAGE, number: 0 }],
    ['with a number beyond counting', { v: 1, ...MESSAGE, number: 2 ** 53 }],
    ['for nobody', { v: 1, ...MESSAGE, audience: 'none' }],
    ['with a topic that is too long', { v: 1, ...MESSAGE, topic: 'x'.repeat(65) }],
    ['with a life that is too long', { v: 1, ...MESSAGE, epoch: 'x'.repeat(161) }],
    ['that is too long', { v: 1, ...MESSAGE, payload: 'x'.repeat(LIMITS.frame) }],
  ])('%s is dropped', (_name, fields) => {
    expect(readFrame(JSON.stringify({ v: 1, ...MESSAGE }))).toEqual(MESSAGE);
    expect(readFrame(JSON.stringify(fields))).toBeNull();
  });

  it('holds the largest payload with the longest of words around it', () => {
    const control = '\u0001';
    const text = writeFrame({
      ...MESSAGE,
      epoch: control.repeat(LIMITS.epoch),
      topic: control.repeat(LIMITS.topic),
      number: Number.MAX_SAFE_INTEGER,
      payload: 'x'.repeat(LIMITS.payload - 2),
    });
    expect(readFrame(text)).not.toBeNull();
  });
});
