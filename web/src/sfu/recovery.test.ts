import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import {
  couple,
  FakeCall,
  flow,
  pass,
  phasesOf,
  publishedOf,
  speaking,
  stallsOf,
} from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('when packets do not arrive', () => {
  it('restarts ICE after two seconds, and goes on', async () => {
    const { sfu, a } = await couple();
    const transport = sfu.transportOf('a', 'recv');
    sfu.setState(transport, 'disconnected');
    expect(phasesOf(a)).toEqual({ b: 'reconnecting' });
    await pass(1_500);
    expect(sfu.types('a')).not.toContain('restart-ice');
    await pass(1_000);
    expect(sfu.types('a')).toContain('restart-ice');
    sfu.setState(transport, 'connected');
    expect(phasesOf(a)).toEqual({ b: 'active' });
    expect(sfu.transportOf('a', 'recv')).toBe(transport);
  });

  it('opens another transport when restarts do not help', async () => {
    const { sfu, a } = await couple();
    const before = sfu.transportOf('a', 'send');
    sfu.setState(before, 'failed');
    await pass(15_000);
    expect(sfu.transports.has(String(before))).toBe(false);
    expect(sfu.sourcesOf('a').sort()).toEqual(['camera', 'microphone']);
    expect([...a.connections.values()].filter(({ isClosed }) => !isClosed)).toHaveLength(2);
  });

  it('restarts ICE at once in another network', async () => {
    const { sfu, a } = await couple();
    a.changeNetwork();
    await pass(100);
    expect(sfu.types('a').filter((type) => type === 'restart-ice')).toHaveLength(2);
  });

  it('asks whether the server is reached when packets stop coming, and restarts nothing', async () => {
    const { sfu, a } = await couple();
    await flow(a, 2_000);
    expect(stallsOf(a)).toBe(0);
    await pass(1_000);
    expect(stallsOf(a)).toBe(1);
    await pass(3_000);
    expect(stallsOf(a)).toBe(1);
    expect(sfu.types('a')).not.toContain('restart-ice');
  });

  it('restarts ICE when signaling was lost as well, in either order', async () => {
    const { sfu, a } = await couple();
    await flow(a, 2_000);
    await pass(1_000);
    a.session.signalingRestored();
    await pass(100);
    expect(sfu.types('a').filter((type) => type === 'restart-ice')).toHaveLength(2);
    await flow(a, 2_000);
    a.session.signalingRestored();
    await pass(300);
    expect(sfu.types('a').filter((type) => type === 'restart-ice')).toHaveLength(2);
    await pass(500);
    expect(sfu.types('a').filter((type) => type === 'restart-ice')).toHaveLength(4);
    expect(stallsOf(a)).toBe(1);
  });

  it('restarts nothing when signaling alone was lost', async () => {
    const { sfu, a } = await couple();
    await flow(a, 2_000);
    a.session.signalingRestored();
    await flow(a, 12_000);
    expect(sfu.types('a')).not.toContain('restart-ice');
  });

  it('opens another transport when the server does not know ours', async () => {
    const { sfu, a, b } = await couple();
    sfu.closeTransport(String(sfu.transportOf('a', 'send')), null);
    sfu.closeTransport(String(sfu.transportOf('a', 'recv')), null);
    a.changeNetwork();
    await pass(3_000);
    expect(sfu.sourcesOf('a').sort()).toEqual(['camera', 'microphone']);
    expect(sfu.consumersOf('a')).toHaveLength(2);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
  });

  it('opens another transport when the server closes one', async () => {
    const { sfu, a } = await couple();
    sfu.closeTransport(String(sfu.transportOf('a', 'send')));
    sfu.closeTransport(String(sfu.transportOf('a', 'recv')));
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumersOf('a').filter(({ paused }) => !paused)).toHaveLength(2);
    expect(phasesOf(a)).toEqual({ b: 'active' });
  });

  it('says so when there is no way, and finds one later', async () => {
    const { sfu, a } = await couple();
    sfu.refuses = ({ type }, by) =>
      type === 'connect-transport' && by === 'a' ? 'media-refused' : null;
    sfu.loseRouter();
    await pass(30_000);
    expect(phasesOf(a)).toEqual({ b: 'failed' });
    sfu.refuses = () => null;
    a.session.reconnect();
    await pass(15_000);
    expect(phasesOf(a)).toEqual({ b: 'active' });
  });
});

describe('a router that is lost', () => {
  it('is replaced within a second of its return, and nobody’s picture goes dark', async () => {
    const { sfu, a, b } = await couple();
    const shown = [a, b].map(({ events }) => events.length);
    sfu.isUp = false;
    sfu.loseRouter();
    await pass(3_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'reconnecting' }, { a: 'reconnecting' }]);
    sfu.isUp = true;
    await pass(2_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumersOf('b').filter(({ paused }) => !paused)).toHaveLength(2);
    for (const [index, { events }] of [a, b].entries()) {
      const since = events.slice(shown[index]);
      expect(since.filter(({ type }) => type === 'published')).toEqual([]);
      expect(since).not.toContainEqual(
        expect.objectContaining({ type: 'stream', stream: null, source: 'camera' }),
      );
    }
    await pass(5_000);
    expect(publishedOf(a)['b']).toMatchObject({ audio: true, video: true });
  });

  it('leaves the last frames to look at until there are new ones', async () => {
    const { sfu, a } = await couple();
    const shown = () => {
      const streams = a.events.flatMap((event) => (event.type === 'stream' ? [event.stream] : []));
      return streams.at(-1)?.getTracks() ?? [];
    };
    const before = shown();
    expect(before).toHaveLength(2);
    sfu.isUp = false;
    sfu.loseRouter();
    await pass(5_000);
    expect(shown()).toEqual(before);
    expect(before.map(({ readyState }) => readyState)).toEqual(['live', 'live']);
    sfu.isUp = true;
    await pass(3_000);
    expect(shown().some((track) => before.includes(track))).toBe(false);
    await pass(6_000);
    expect([...a.connections.values()].filter(({ isClosed }) => !isClosed)).toHaveLength(2);
  });

  it('while one is entering is no loss', async () => {
    const call = new FakeCall();
    const a = call.enter('a', speaking());
    const b = call.enter('b', speaking());
    await pass(25);
    call.sfu.loseRouter();
    await pass(3_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    expect(call.sfu.transports.size).toBe(4);
  });
});
