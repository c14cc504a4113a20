import { describe, expect, it } from 'vitest';

import type { IncomingSignal } from '../media_session';
import { EarlySignals } from './early_signals';

const from = (id: string, payload: unknown): IncomingSignal => ({
  type: 'ice-candidate',
  from: id,
  payload,
});
const payloads = (signals: readonly IncomingSignal[]) => signals.map(({ payload }) => payload);

describe('what is said before there is a mesh', () => {
  it('is kept in order, and given once', () => {
    const early = new EarlySignals();
    early.keep(from('a', 1), 0);
    early.keep(from('b', 2), 10);
    early.keep(from('a', 3), 20);
    expect(payloads(early.take(30))).toEqual([1, 2, 3]);
    expect(early.take(30)).toEqual([]);
  });

  it('is forgotten after a while, and with who said it', () => {
    const early = new EarlySignals();
    early.keep(from('a', 1), 0);
    early.keep(from('b', 2), 5_000);
    early.keep(from('c', 3), 9_999);
    early.forget('c');
    expect(payloads(early.take(10_000))).toEqual([2]);
    early.keep(from('a', 4), 0);
    early.clear();
    expect(early.take(1)).toEqual([]);
  });

  it('is the latest of each, and no more than so much', () => {
    const early = new EarlySignals();
    early.keep(from('b', 'offer'), 0);
    for (let count = 0; count < 1_000; count += 1) early.keep(from('a', count), 1);
    const kept = payloads(early.take(2));
    expect(kept).toHaveLength(65);
    expect([kept[0], kept[1], kept.at(-1)]).toEqual(['offer', 936, 999]);
  });
});
