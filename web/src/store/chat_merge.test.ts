import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { mergeChat, type ChatUpdate } from './chat_merge';
import type { ChatEntry } from './state';

function direct(number: number, from = 'b'): ChatUpdate {
  return {
    roomId: 'r',
    from,
    name: from,
    text: `text ${number}`,
    sentAt: new Date(number * 1000).toISOString(),
    nonce: `n${number}`,
    messageId: null,
    order: null,
    own: false,
  };
}

function delivered(number: number, order = number): ChatUpdate {
  return { ...direct(number), messageId: `r:${order}`, order };
}

function merge(updates: readonly ChatUpdate[], start: readonly ChatEntry[] = [], epoch = 0) {
  return updates.reduce<readonly ChatEntry[]>((list, one) => mergeChat(list, one, epoch), start);
}

const texts = (entries: readonly ChatEntry[]) => entries.map(({ text }) => text);

describe('chat', () => {
  it('comes out the same, in whatever order and however often its copies come', () => {
    const pool = [1, 2, 3, 4, 5].flatMap((number) => [
      direct(number),
      delivered(number, 6 - number),
    ]);
    const arrivals = fc
      .array(fc.constantFrom(...pool), { maxLength: 30 })
      .chain((some) =>
        fc.shuffledSubarray([...some, ...pool], { minLength: some.length + pool.length }),
      );
    fc.assert(
      fc.property(arrivals, (updates) => {
        expect(merge(updates)).toEqual(merge(pool));
      }),
    );
    expect(texts(merge(pool))).toEqual(['text 5', 'text 4', 'text 3', 'text 2', 'text 1']);
  });

  it('shows what has no place yet at the end', () => {
    const list = merge([direct(1), delivered(2, 1), delivered(3, 2)]);
    expect(list.map(({ text, status }) => [text, status])).toEqual([
      ['text 2', 'delivered'],
      ['text 3', 'delivered'],
      ['text 1', 'pending'],
    ]);
  });

  it('keeps the key of a message that gets its place', () => {
    const [before] = merge([direct(1)]);
    const [after] = merge([direct(1), delivered(1)]);
    expect(after!.key).toBe(before!.key);
  });

  it('does not take two people for one', () => {
    expect(merge([direct(1, 'a'), direct(1, 'b')])).toHaveLength(2);
  });

  it('goes on after a restarted server counts from one again', () => {
    const before = merge([delivered(1, 1), delivered(2, 2)]);
    const after = merge([delivered(3, 1)], before, 1);
    expect(texts(after)).toEqual(['text 1', 'text 2', 'text 3']);
    const nameless = { ...delivered(4, 2), nonce: null };
    expect(texts(merge([nameless, nameless], after, 1))).toHaveLength(4);
  });
});
