import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { DataMessage } from './channels';
import { DataHub } from './data_hub';
import { readFrame, writeFrame } from './frames';
import { ModelRoom } from './testing/model_room';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTime(ms);

/** People who know each other, all on one path. */
function gather(ids: readonly string[], path: 'mesh' | 'sfu' = 'mesh'): ModelRoom {
  const room = new ModelRoom();
  for (const id of ids) room.join(id);
  pass(1_000);
  ids.forEach((one, at) => {
    for (const other of ids.slice(at + 1)) room.open(path, one, other);
  });
  pass(2_000);
  return room;
}

/** A hub and the texts that it gives to its path. */
function lonely() {
  const hub = new DataHub({ memberId: 'a', instance: 'page', now: () => Date.now() });
  const sent: string[] = [];
  hub.setPath('mesh', { send: (text) => sent.push(text) > 0 });
  return { hub, sent, frames: () => sent.map((text) => readFrame(text)!) };
}

/** What another hub would say: a question that makes us serve it. */
function question(epoch: string, id: number, known: string | null = null): string {
  return writeFrame({
    type: 'sync',
    epoch,
    tip: { all: 0, one: 0 },
    ask: { id, known, have: { all: 0, one: 0 }, lacks: true, serves: false, open: ['mesh'] },
    answer: null,
  });
}

/** The answer of that hub to the last question of ours. */
function reply(epoch: string, to: ReturnType<typeof lonely>): string {
  const asked = to.frames().flatMap((one) => (one.type === 'sync' && one.ask ? [one] : []));
  const last = asked.at(-1)!;
  const none = { all: 0, one: 0 };
  const answer = { id: last.ask!.id, asker: last.epoch, base: none, floor: none };
  return writeFrame({ type: 'sync', epoch, tip: none, ask: null, answer });
}

describe('publishing', () => {
  it('reaches those it is for, with its topic and sender', () => {
    const room = gather(['a', 'b', 'c']);
    const heard: DataMessage[] = [];
    room.person('b').hub.subscribe('chat', (message) => heard.push(message));
    room.person('c').hub.subscribe('chat', () => heard.push());
    room.person('a').hub.publish('chat', { text: 'hello' });
    room.person('a').hub.publish('chat', 'psst', { to: 'b' });
    room.person('a').hub.publish('other', null);
    pass(500);
    expect(heard).toEqual([
      { topic: 'chat', from: 'a', payload: { text: 'hello' }, direct: false },
      { topic: 'chat', from: 'a', payload: 'psst', direct: true },
    ]);
  });

  it('refuses what is too large', () => {
    const { hub } = lonely();
    expect(() => hub.publish('', 1)).toThrow(RangeError);
    expect(() => hub.publish('x'.repeat(65), 1)).toThrow(RangeError);
    expect(() => hub.publish('t', 'x'.repeat(16_383))).toThrow(RangeError);
    expect(() => hub.publish('t', 'ü'.repeat(8_192))).toThrow(RangeError);
    hub.publish('x'.repeat(64), 'x'.repeat(16_382));
    hub.publish('t', 1, { to: 'nobody' });
  });

  it('ends with the subscription, and with the hub', () => {
    const room = gather(['a', 'b']);
    const heard: unknown[] = [];
    const stop = room.person('b').hub.subscribe('t', ({ payload }) => heard.push(payload));
    room.person('a').hub.publish('t', 1);
    pass(500);
    stop();
    room.person('a').hub.publish('t', 2);
    pass(500);
    expect(heard).toEqual([1]);
    room.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when a listener fails, and stays in order when one answers', () => {
    const room = gather(['a', 'b']);
    const heard: unknown[] = [];
    const thrown: unknown[] = [];
    vi.stubGlobal('queueMicrotask', (task: () => void) => {
      try {
        task();
      } catch (error) {
        thrown.push(error);
      }
    });
    room.person('b').hub.subscribe('t', () => {
      throw new Error('oh');
    });
    room.person('b').hub.subscribe('t', ({ payload }) => heard.push(payload));
    for (const one of [1, 2, 3]) room.person('a').hub.publish('t', one);
    pass(500);
    vi.unstubAllGlobals();
    expect(heard).toEqual([1, 2, 3]);
    expect(thrown).toHaveLength(3);
  });
});

describe('members', () => {
  it('are reached once for each life', () => {
    const room = gather(['a', 'b']);
    expect(room.person('a').reached).toEqual(['b']);
    room.cut('mesh', 'a', 'b');
    pass(1_000);
    room.open('sfu', 'a', 'b');
    pass(3_000);
    expect(room.person('a').reached).toEqual(['b']);
    room.reload('b');
    pass(5_000);
    expect(room.person('a').reached).toEqual(['b', 'b']);
  });

  it('get what was said since they came, not what was said before', () => {
    const room = gather(['a', 'b']);
    room.publish('a', null);
    room.join('c');
    pass(1_000);
    room.publish('a', null);
    room.open('mesh', 'a', 'c');
    pass(3_000);
    expect(room.person('c').heard.map(({ number }) => number)).toEqual([2]);
    expect(room.complaints()).toEqual([]);
  });

  it('whose page is loaded anew get what was said while they were away', () => {
    const room = gather(['a', 'b']);
    room.publish('a', null);
    pass(500);
    room.cut('mesh', 'a', 'b');
    pass(1_000);
    room.publish('a', null);
    room.reload('b');
    room.open('mesh', 'a', 'b');
    pass(5_000);
    expect(room.person('b').heard.map(({ number }) => number)).toEqual([2]);
  });

  it('that never answer cost next to nothing', () => {
    const { hub, sent } = lonely();
    hub.setMembers(['a', 'plain']);
    hub.channel('mesh', 'plain', true);
    for (let count = 0; count < 1_000; count += 1) hub.publish('t', count);
    pass(600_000);
    expect(sent.length).toBeLessThan(30);
    expect(hub.load.messages).toBe(0);
    hub.receive('mesh', 'plain', '{"type":"chat","text":"hello"}', false);
    hub.receive('mesh', 'stranger', question('x', 1), false);
    hub.close();
  });
});

describe('another life', () => {
  it('takes over only with an answer to our latest question', () => {
    const one = lonely();
    one.hub.setMembers(['a', 'b']);
    one.hub.channel('mesh', 'b', true);
    one.hub.receive('mesh', 'b', question('first', 1), false);
    one.hub.receive('mesh', 'b', reply('first', one), false);
    const late = question('first', 2);
    const old = reply('first', one);
    const heard: unknown[] = [];
    const reached: string[] = [];
    one.hub.onReached((id) => reached.push(id));
    one.hub.subscribe('t', ({ payload }) => heard.push(payload));
    const say = (epoch: string, number: number, payload: string) =>
      one.hub.receive(
        'mesh',
        'b',
        writeFrame({ type: 'message', epoch, audience: 'all', number, topic: 't', payload }),
        false,
      );
    say('first', 1, 'before');
    // It only claims to be another, and is asked.
    pass(1_000);
    one.hub.receive('mesh', 'b', question('second', 1), false);
    say('first', 2, 'still');
    expect(reached).toEqual([]);
    one.hub.receive('mesh', 'b', reply('second', one), false);
    one.hub.receive('mesh', 'b', question('second', 2), false);
    expect(reached).toEqual(['b']);
    // What the first one said long ago changes nothing.
    one.hub.receive('mesh', 'b', late, false);
    one.hub.receive('mesh', 'b', old, false);
    say('first', 3, 'late');
    say('second', 1, 'after');
    expect(heard).toEqual(['before', 'still', 'after']);
    expect(reached).toEqual(['b']);
    one.hub.close();
  });
});

describe('a change of paths', () => {
  it('loses nothing and doubles nothing, under load and in both directions', () => {
    const room = gather(['a', 'b', 'c']);
    const ids = ['a', 'b', 'c'];
    const pairs = ['ab', 'bc', 'ac'];
    for (let round = 0; round < 10; round += 1) {
      const [old, next] = round % 2 ? (['sfu', 'mesh'] as const) : (['mesh', 'sfu'] as const);
      for (let beat = 0; beat < 100; beat += 1) {
        for (const id of ids) room.publish(id, beat % 3 ? null : ids[(beat / 3) % 3]!);
        if (beat === 5) pairs.forEach(([x, y]) => room.open(next, x!, y!));
        if (beat >= 60) room.prefer(ids[beat % 3]!, next);
        if (beat === 80) pairs.forEach(([x, y]) => room.cut(old, x!, y!));
        pass(20);
      }
    }
    pass(10_000);
    expect(room.complaints()).toEqual([]);
    room.close();
  });

  it('finds a tail that was lost without a sign', () => {
    const room = gather(['a', 'b']);
    const { hub } = room.person('b');
    const receive = vi.spyOn(hub, 'receive').mockImplementation(() => undefined);
    room.publish('a', null);
    pass(500);
    receive.mockRestore();
    pass(3_000);
    expect(room.complaints()).toEqual([]);
  });

  it('does not stay with a path that only one side believes in', () => {
    const room = gather(['a', 'b']);
    room.open('sfu', 'a', 'b');
    for (const id of ['a', 'b']) room.prefer(id, 'sfu');
    pass(3_000);
    room.giveUp('sfu', 'b', 'a');
    pass(500);
    room.publish('a', null);
    pass(100);
    // At once, not only when somebody notices that it is missing.
    expect(room.person('b').heard).toHaveLength(1);
  });
});

describe('what could not be kept', () => {
  it('is missing, and said to be', () => {
    const room = gather(['a', 'b']);
    room.publish('a', null);
    pass(500);
    room.cut('mesh', 'a', 'b');
    pass(1_000);
    for (let count = 0; count < 5_000; count += 1) room.publish('a', null);
    room.open('mesh', 'a', 'b');
    pass(5_000);
    expect(room.person('b').losses).toBe(5_000 - 4_096);
    expect(room.person('b').heard).toHaveLength(1 + 4_096);
  });
});

describe('in a crowd', () => {
  const ids = Array.from({ length: 50 }, (_, index) => `m${index}`);

  it('a word to everybody is one message to the server, and one more after a silence', () => {
    const room = gather(ids, 'sfu');
    pass(30_000);
    room.sent.length = 0;
    room.publish('m0', null);
    room.publish('m0', null, true);
    pass(500);
    expect(room.sent.map(({ to }) => to)).toEqual([null, null]);
    pass(30_000);
    expect(room.sent).toHaveLength(3);
    expect(room.complaints()).toEqual([]);
    room.close();
  });

  it('who comes asks and is asked, no more', () => {
    const room = gather(ids, 'sfu');
    pass(30_000);
    room.sent.length = 0;
    room.join('late');
    pass(1_000);
    for (const id of ids) room.open('sfu', 'late', id);
    pass(15_000);
    // A question each way with its answer; some cross, or come before the other listens.
    expect(room.sent.length).toBeLessThan(6 * ids.length);
    room.publish('late', null);
    pass(1_000);
    expect(room.complaints()).toEqual([]);
    room.close();
  });

  it('all find each other again after the server was gone, at a measured pace', () => {
    const room = gather(ids, 'sfu');
    pass(30_000);
    const pairs = ids.flatMap((one, at) => ids.slice(at + 1).map((other) => [one, other] as const));
    for (const [one, other] of pairs) room.cut('sfu', one, other);
    pass(1_000);
    for (const id of ids) room.publish(id, null);
    room.sent.length = 0;
    for (const [one, other] of pairs) room.open('sfu', one, other);
    pass(20_000);
    expect(room.complaints()).toEqual([]);
    // Three for each pair if none cross; and what was said meanwhile.
    expect(room.sent.length / pairs.length).toBeLessThan(10);
    room.close();
  });
});
