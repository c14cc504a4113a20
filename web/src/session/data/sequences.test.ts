import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Audience, Words } from './frames';
import { Incoming } from './incoming';
import { LIMITS } from './limits';
import { Outgoing } from './outgoing';

const NONE = { all: 0, one: 0 };

function words(number: number, audience: Audience = 'all'): Words {
  return { audience, number, topic: 't', payload: number };
}

function heard(ready: readonly Words[]): number[] {
  return ready.map(({ number }) => number);
}

describe('what comes in', () => {
  it('is handed on once, in order, however it comes', () => {
    const orders = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 });
    fc.assert(
      fc.property(orders, fc.constantFrom(0, 2 ** 31 - 5, 2 ** 45), (order, base) => {
        const incoming = new Incoming('e', { all: base, one: 0 });
        const got = order.flatMap((number) => heard(incoming.take(words(base + number), 10)));
        const missing = [...Array(12).keys()].find((at) => !order.includes(at + 1)) ?? 12;
        expect(got).toEqual([...Array(missing).keys()].map((at) => base + at + 1));
        expect(incoming.have.all).toBe(base + missing);
        expect(incoming.lacks).toBe(order.some((number) => number > missing));
      }),
    );
  });

  it('keeps the two sequences apart', () => {
    const incoming = new Incoming('e', { all: 5, one: 0 });
    expect(heard(incoming.take(words(1, 'one'), 10))).toEqual([1]);
    expect(heard(incoming.take(words(6), 10))).toEqual([6]);
    expect(incoming.have).toEqual({ all: 6, one: 1 });
  });

  it('holds back only so much, and can get the rest later', () => {
    const incoming = new Incoming('e', NONE);
    const { messages, characters } = LIMITS.kept;
    for (let number = 2; number <= messages + 100; number += 1) incoming.take(words(number), 10);
    expect(heard(incoming.take(words(1), 10))).toHaveLength(messages + 1);
    expect(incoming.lacks).toBe(true);
    const large = new Incoming('e', NONE);
    large.take(words(2), characters);
    large.take(words(3), 1);
    expect(heard(large.take(words(1), 10))).toEqual([1, 2]);
    expect(large.lacks).toBe(true);
  });

  it('passes over what is gone, and says how much of it was owed', () => {
    const incoming = new Incoming('e', NONE);
    incoming.take(words(4), 10);
    incoming.take(words(9), 10);
    const { ready, lost } = incoming.skip({ all: 2, one: 0 }, { all: 8, one: 3 });
    expect(heard(ready)).toEqual([4, 9]);
    // 3, 5, 6, 7 and 8; and three for us alone.
    expect(lost).toBe(5 + 3);
    expect(incoming.have).toEqual({ all: 9, one: 3 });
    expect(incoming.skip(NONE, NONE)).toEqual({ ready: [], lost: 0 });
  });

  it('knows what it lacks from hearsay', () => {
    const incoming = new Incoming('e', NONE);
    incoming.expect({ all: 1, one: null });
    expect(incoming.lacks).toBe(true);
    incoming.take(words(1), 10);
    expect(incoming.lacks).toBe(false);
    incoming.expect({ all: 0, one: 1 });
    expect(incoming.lacks).toBe(true);
  });

  it('forgets what it holds back when the member goes, but not where it was', () => {
    const incoming = new Incoming('e', NONE);
    incoming.take(words(1), 10);
    incoming.take(words(3), 10);
    incoming.rest();
    expect(heard(incoming.take(words(2), 10))).toEqual([2]);
    expect(heard(incoming.take(words(3), 10))).toEqual([3]);
  });

  it('hears lossy ones at most once', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 1_000 }), { maxLength: 400 });
    fc.assert(
      fc.property(numbers, (order) => {
        const incoming = new Incoming('e', NONE);
        const news = order.filter((number) => incoming.isNews(words(number)));
        expect(new Set(news).size).toBe(news.length);
        expect(news[0]).toBe(order[0]);
      }),
    );
    const incoming = new Incoming('e', NONE);
    const order = [3, 1, 2, 250, 4];
    expect(order.filter((number) => incoming.isNews(words(number)))).toEqual(order);
  });
});

describe('what goes out', () => {
  const text = (number: number) => String(number);

  it('is numbered for each audience, and found again', () => {
    const outgoing = new Outgoing();
    outgoing.add(null, text, 0);
    outgoing.add(null, text, 0);
    expect(outgoing.tip('b')).toEqual({ all: 2, one: 2 });
    outgoing.add('b', text, 0);
    expect(outgoing.tip('b')).toEqual({ all: 2, one: 3 });
    expect(outgoing.text('b', 3)).toBe('3');
    expect(outgoing.text(null, 2)).toBe('2');
    expect(outgoing.text(null, 3)).toBeNull();
  });

  it('to who comes back has higher numbers than ever', () => {
    const outgoing = new Outgoing();
    for (let count = 0; count < 5; count += 1) outgoing.add('b', text, 0);
    outgoing.drop('b');
    expect(outgoing.load).toEqual({ messages: 0, characters: 0 });
    outgoing.add('b', text, 0);
    expect(outgoing.tip('b').one).toBe(6);
    expect(outgoing.floor('b').one).toBe(5);
  });

  it('is kept only so much, whoever it is for', () => {
    const outgoing = new Outgoing();
    const { messages, characters } = LIMITS.kept;
    for (let count = 0; count < messages; count += 1) {
      outgoing.add(count % 2 ? null : 'b', text, 0);
    }
    expect(outgoing.load.messages).toBe(messages);
    outgoing.add(null, text, 0);
    expect(outgoing.load.messages).toBe(messages);
    expect(outgoing.text('b', 1)).toBeNull();
    expect(outgoing.text('b', 2)).toBe('2');
    const large = 'x'.repeat(16_000);
    for (let count = 0; count < 200; count += 1) outgoing.add(null, () => large, 0);
    expect(outgoing.load.characters).toBeLessThanOrEqual(characters);
    expect(outgoing.load.characters).toBeGreaterThan(characters - 20_000);
  });

  it('is forgotten when it is old, and everybody has been sent it', () => {
    const outgoing = new Outgoing();
    for (let count = 0; count < 4; count += 1) outgoing.add(null, text, count);
    const isDone = (_to: string | null, number: number) => number <= 2;
    outgoing.expire(isDone, LIMITS.keptFor - 1);
    expect(outgoing.floor('b').all).toBe(0);
    outgoing.expire(isDone, LIMITS.keptFor);
    expect(outgoing.floor('b').all).toBe(1);
    outgoing.expire(isDone, LIMITS.keptFor * 2);
    expect(outgoing.floor('b').all).toBe(2);
  });
});
