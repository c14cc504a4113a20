import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import {
  channelsOf,
  couple,
  FakeCall,
  heardBy,
  pass,
  phasesOf,
  speaking,
  type Person,
} from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const say = ({ session }: Person, text: string, to: string | null = null) =>
  session.send(text, { to, lossy: false });
const whisper = ({ session }: Person, text: string, to: string | null = null) =>
  session.send(text, { to, lossy: true });

async function three() {
  const call = new FakeCall();
  const [a, b, c] = ['a', 'b', 'c'].map((id) => call.enter(id, speaking()));
  await pass(2_000);
  return { call, sfu: call.sfu, a: a!, b: b!, c: c! };
}

describe('members speak', () => {
  it('on two channels each, one of which may lose and overtake', async () => {
    const { call, sfu } = await three();
    expect([...sfu.dataProducers.values()].map(({ label }) => label).sort()).toEqual([
      ...Array.from({ length: 3 }, () => 'crossover'),
      ...Array.from({ length: 3 }, () => 'crossover-lossy'),
    ]);
    for (const { request } of sfu.asked) {
      if (request.type !== 'produce-data') continue;
      const isLossy = request.label === 'crossover-lossy';
      expect(request.protocol).toBe('crossover');
      expect(request.sctpStreamParameters).toMatchObject(
        isLossy ? { ordered: false, maxRetransmits: 0 } : { ordered: true },
      );
    }
    expect([...call.people.values()].map(channelsOf)).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
  });

  it('to everybody, or to one alone', async () => {
    const { a, b, c } = await three();
    expect([say(a, 'all'), whisper(b, 'soon'), say(a, 'you', 'b'), whisper(c, 'me', 'a')]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    await pass(100);
    expect(heardBy(a)).toEqual(['(b: soon)', '(c: me)']);
    expect(heardBy(b)).toEqual(['a: all', 'a: you']);
    expect(heardBy(c)).toEqual(['a: all', '(b: soon)']);
  });

  it('never to one who cannot hear, and never what looks like an address', async () => {
    const { call, a } = await three();
    expect([say(a, 'x', 'nobody'), say(a, 'x', 'a'), say(a, '@b\nx')]).toEqual([
      false,
      false,
      false,
    ]);
    call.leave('b');
    expect(say(a, 'x', 'b')).toBe(false);
  });

  it('without a word lost that is said before the listener’s channel stands', async () => {
    const { call, sfu, a, b } = await couple();
    const c = call.enter('c', speaking());
    while (![...sfu.dataConsumers.values()].some(({ owner }) => owner === 'c')) await pass(1);
    for (let number = 0; number < 30; number += 1) {
      say(number % 2 ? a : b, String(number));
      whisper(a, 'lost');
      await pass(5);
    }
    await pass(1_000);
    const heard = heardBy(c).filter((line) => !line.startsWith('('));
    const from = (id: string) =>
      heard.filter((line) => line.startsWith(id)).map((one) => one.slice(3));
    // What came before the server was asked for it is for the others to repeat.
    expect(from('a')).toEqual(
      Array.from({ length: 15 }, (_, index) => String(2 * index + 1)).slice(-from('a').length),
    );
    expect(from('b').length).toBeGreaterThanOrEqual(14);
  });

  it('no more than the network takes: first the lossy ones give way', async () => {
    const { a } = await couple();
    const channels = [...a.connections.values()].flatMap((one) => [...one.channels.values()]);
    const fill = (bytes: number) => channels.forEach((one) => (one._bufferedAmount = bytes));
    fill(70_000);
    expect([say(a, 'x'), whisper(a, 'x')]).toEqual([true, false]);
    fill(1_100_000);
    expect([say(a, 'x'), whisper(a, 'x')]).toEqual([false, false]);
    fill(0);
    expect([say(a, 'x'), whisper(a, 'x')]).toEqual([true, true]);
  });
});

describe('a channel', () => {
  it('is resumed once it is open, the reliable one; the other never waits', async () => {
    const { sfu } = await couple();
    const wishes = sfu.asked.flatMap(({ by, request }) =>
      by === 'a' && request.type === 'consume-data' ? [request.paused] : [],
    );
    expect(wishes.sort()).toEqual([false, true]);
    expect(sfu.types('a').filter((type) => type === 'resume-data-consumer')).toHaveLength(1);
  });

  it('is opened again when the server closes it for being read too slowly', async () => {
    const { sfu, a, b } = await couple();
    const [id] = [...sfu.dataConsumers].find(
      ([, one]) =>
        one.owner === 'a' && sfu.dataProducers.get(one.dataProducerId)?.label === 'crossover',
    )!;
    sfu.closeDataConsumer(id);
    await pass(100);
    expect(channelsOf(a)).toEqual([]);
    expect(channelsOf(b)).toEqual(['a']);
    expect(sfu.types('a')).not.toContain('close-data-consumer');
    await pass(2_500);
    expect(channelsOf(a)).toEqual(['b']);
    say(b, 'again');
    await pass(100);
    expect(heardBy(a)).toEqual(['b: again']);
  });

  it('is made anew when the server does not know it', async () => {
    const call = new FakeCall();
    let refusals = 1;
    call.sfu.refuses = ({ type }) =>
      type === 'resume-data-consumer' && refusals-- > 0 ? 'consumer-not-found' : null;
    const a = call.enter('a', speaking());
    const b = call.enter('b', speaking());
    await pass(3_000);
    expect([channelsOf(a), channelsOf(b)]).toEqual([['b'], ['a']]);
    expect(call.sfu.dataConsumers.size).toBe(4);
  });

  it('is closed with the router, and opens with the next', async () => {
    const { sfu, a, b } = await couple();
    sfu.isUp = false;
    sfu.loseRouter();
    await pass(1_000);
    expect([channelsOf(a), say(a, 'x')]).toEqual([[], false]);
    sfu.isUp = true;
    await pass(3_000);
    expect([channelsOf(a), say(a, 'x')]).toEqual([['b'], true]);
    await pass(100);
    expect(heardBy(b)).toEqual(['a: x']);
  });

  it('closes when a member leaves', async () => {
    const { call, a } = await couple();
    call.leave('b');
    await pass(100);
    expect(channelsOf(a)).toEqual([]);
  });

  it('brings words, and does not tell the pictures again for each', async () => {
    const { a, b } = await couple();
    say(b, 'first');
    await pass(100);
    expect(phasesOf(a)).toEqual({ b: 'active' });
    const before = a.events.length;
    for (let number = 0; number < 50; number += 1) say(b, String(number));
    await pass(100);
    const since = a.events.slice(before).filter(({ type }) => type !== 'levels');
    expect(since.every(({ type }) => type === 'data')).toBe(true);
    expect(since).toHaveLength(50);
  });
});
