import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import {
  channelsOf,
  couple,
  FakeCall,
  healthsOf,
  heardBy,
  pass,
  phasesOf,
  publishedOf,
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

/** Two who have connected, and send nothing yet. */
async function prewarmed() {
  const call = new FakeCall();
  const [a, b] = ['a', 'b'].map((id) => call.enter(id, speaking(), { isLive: false }));
  await pass(2_000);
  return { call, sfu: call.sfu, a: a!, b: b! };
}

const since = ({ events }: Person, from: number) => events.slice(from);

describe('a way that is only kept ready', () => {
  it('is connected both ways and carries words, and no media', async () => {
    const { sfu, a, b } = await prewarmed();
    expect(sfu.producers.size + sfu.consumers.size).toBe(0);
    expect(sfu.transports.size).toBe(4);
    // The first had nothing to receive, until the second came.
    expect([healthsOf(a), healthsOf(b)]).toEqual([['ready', 'opening', 'ready'], ['ready']]);
    expect([channelsOf(a), phasesOf(a)]).toEqual([['b'], { b: 'channel-open' }]);
    a.session.send('hello', { to: null, lossy: false });
    await pass(100);
    expect(heardBy(b)).toEqual(['a: hello']);
    expect(publishedOf(b)).toEqual({});
    expect(b.events.filter(({ type }) => type === 'stream')).toEqual([]);
  });

  it('receives nothing of those who are live', async () => {
    const { sfu, a, b } = await prewarmed();
    a.session.setLive(true);
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumers.size).toBe(0);
    expect(publishedOf(b)).toEqual({});
  });

  it('is ready alone in a room, where there is nothing to receive', async () => {
    const call = new FakeCall();
    const a = call.enter('a', speaking(), { isLive: false });
    await pass(1_000);
    expect(healthsOf(a)).toEqual(['ready']);
  });

  it('goes live on the transports it has, within two round trips', async () => {
    const { sfu, a, b } = await prewarmed();
    const transports = [...sfu.transports.keys()];
    const asked = sfu.asked.length;
    a.session.setLive(true);
    b.session.setLive(true);
    // A request takes 10 ms there and 10 ms back.
    await pass(25);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(healthsOf(b)).toEqual(['ready', 'opening', 'ready']);
    await pass(60);
    expect(sfu.consumersOf('a').map(({ paused }) => paused)).toEqual([false, false]);
    await pass(40);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    expect([...sfu.transports.keys()]).toEqual(transports);
    const types = sfu.asked.slice(asked).filter(({ by }) => by === 'a');
    expect(types.map(({ request }) => request.type).sort()).toEqual([
      'consume',
      'consume',
      'produce',
      'produce',
      'set-consumer',
    ]);
  });

  it('asks for pictures paused, for no key frame to be lost, and for voices at once', async () => {
    const { sfu } = await couple();
    const wishes = sfu.asked.flatMap(({ by, request }) =>
      by === 'a' && request.type === 'consume' ? [request] : [],
    );
    const kindOf = (id: string) => sfu.producers.get(id)?.kind;
    const paused = wishes.map((one) => [kindOf(one.producerId), one.paused]);
    expect(paused.sort()).toEqual([
      ['audio', false],
      ['video', true],
    ]);
  });

  it('is what remains when one is not live any more', async () => {
    const { sfu, a, b } = await couple();
    const transports = [...sfu.transports.keys()];
    const from = a.events.length;
    a.session.setLive(false);
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual([]);
    expect(sfu.consumersOf('a')).toEqual([]);
    expect([...sfu.transports.keys()]).toEqual(transports);
    expect(channelsOf(a)).toEqual(['b']);
    expect(publishedOf(a)).toEqual({ b: null });
    expect(since(a, from)).toContainEqual({
      type: 'stream',
      memberId: 'b',
      source: 'camera',
      stream: null,
    });
    expect(healthsOf(a).at(-1)).toBe('ready');
    expect(publishedOf(b)['a']).toEqual({ audio: false, video: false, screen: false });
    a.session.setLive(true);
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumersOf('a')).toHaveLength(2);
    expect(publishedOf(a)['b']).toEqual({ audio: true, video: true, screen: false });
    expect([...sfu.transports.keys()]).toEqual(transports);
  });

  it('may change its mind at any moment', async () => {
    for (let after = 0; after < 200; after += 7) {
      const { call, sfu, a } = await prewarmed();
      a.session.setLive(true);
      await pass(after);
      a.session.setLive(false);
      await pass(after % 3);
      a.session.setLive(true);
      a.session.setLive(false);
      await pass(5_000);
      expect(sfu.producers.size + sfu.consumers.size).toBe(0);
      call.closeAll();
      await pass(1_000);
    }
  });
});

describe('our health', () => {
  it('is ready once everything is published', async () => {
    const { a } = await couple();
    expect(healthsOf(a)).toEqual(['ready']);
  });

  it('fails within four seconds where packets do not arrive, and mends later', async () => {
    for (const isLive of [true, false]) {
      const call = new FakeCall();
      call.enter('b', speaking());
      await pass(2_000);
      call.sfu.cutOff.add('a');
      const a = call.enter('a', speaking(), { isLive });
      await pass(3_500);
      expect(healthsOf(a)).toEqual([]);
      await pass(500);
      expect(healthsOf(a)).toEqual(['failed']);
      // Already given up on, it is given up on at once.
      a.session.setLive(true);
      expect(healthsOf(a)).toEqual(['failed']);
      call.sfu.cutOff.clear();
      await pass(20_000);
      expect(healthsOf(a)).toEqual(['failed', 'ready']);
      call.closeAll();
      await pass(1_000);
    }
  });

  it('fails within four seconds where there is no router to enter', async () => {
    const call = new FakeCall();
    call.sfu.isUp = false;
    const a = call.enter('a', speaking());
    await pass(4_000);
    expect(healthsOf(a)).toEqual(['failed']);
    call.sfu.isUp = true;
    await pass(3_000);
    expect(healthsOf(a)).toEqual(['failed', 'slow', 'ready']);
  });

  it('is not ready as long as a track is refused', async () => {
    const call = new FakeCall();
    call.sfu.refuses = (request) =>
      request.type === 'produce' && request.source === 'camera' ? 'media-refused' : null;
    const a = call.enter('a', speaking());
    await pass(5_000);
    expect(healthsOf(a)).toEqual(['failed']);
    call.sfu.refuses = () => null;
    await pass(10_000);
    expect(healthsOf(a)).toEqual(['failed', 'ready']);
  });

  it('opens again with the router, and when packets cease', async () => {
    const { sfu, a } = await couple();
    sfu.loseRouter();
    await pass(3_000);
    expect(healthsOf(a)).toEqual(['ready', 'opening', 'ready']);
    sfu.setState(sfu.transportOf('a', 'send'), 'disconnected');
    expect(healthsOf(a).at(-1)).toBe('opening');
    sfu.setState(sfu.transportOf('a', 'send'), 'connected');
    expect(healthsOf(a).at(-1)).toBe('ready');
  });
});
