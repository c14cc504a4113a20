/** What a call tells of its members, and what it tells the server. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../signaling/testing/messages';
import { selectParticipants, selectSharingIds } from './selectors';
import { joined, modeChanged, StubStream, type World } from './testing/fake_backstage';

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('what a member publishes', () => {
  const flags = (world: World) => {
    const [b] = selectParticipants(world.store.getState());
    return [b?.audioEnabled, b?.videoEnabled, b?.screenSharing];
  };
  const said = (revision: number, parts: object = {}) => ({
    revision,
    name: 'B',
    status: 'active',
    audio: true,
    video: true,
    screen: true,
    hand: null,
    ...parts,
  });

  it('is what arrives, unless the member says more, and the server knows best', async () => {
    const world = await joined();
    const [call] = world.calls;
    const published = { audio: true, video: false, screen: false };
    expect(flags(world)).toEqual([false, false, false]);
    call!.emit({ type: 'published', memberId: 'b', published, byServer: false });
    expect(flags(world)).toEqual([true, false, false]);
    call!.data.hear('b', 'presence', said(1));
    expect(flags(world)).toEqual([true, true, true]);
    call!.emit({ type: 'published', memberId: 'b', published, byServer: false });
    expect(flags(world)).toEqual([true, true, true]);
    call!.emit({ type: 'published', memberId: 'b', published, byServer: true });
    expect(flags(world)).toEqual([true, false, false]);
    call!.emit({ type: 'published', memberId: 'b', published: null, byServer: true });
    expect(flags(world)).toEqual([true, true, true]);
  });

  it('includes a screen only while it is shared, whatever streams there are', async () => {
    const world = await joined();
    const stream = new MediaStream();
    world.calls[0]!.emit({ type: 'stream', memberId: 'b', source: 'screen', stream });
    expect(selectSharingIds(world.store.getState())).toEqual([]);
    world.calls[0]!.data.hear('b', 'presence', said(1));
    expect(selectSharingIds(world.store.getState())).toEqual(['b']);
    world.calls[0]!.data.hear('b', 'presence', said(2, { screen: false }));
    expect(selectSharingIds(world.store.getState())).toEqual([]);
  });
});

describe('while the server is lost', () => {
  it('only the latest speakers are connected, by voice', async () => {
    const members = ['b', 'c', 'me'].map((id) => member(id));
    const world = await joined({ members, mode: 'sfu', generation: 2 });
    const published = { audio: true, video: true, screen: true };
    for (const memberId of ['b', 'c']) {
      world.calls[0]!.emit({ type: 'published', memberId, published, byServer: true });
    }
    const seen = () =>
      selectParticipants(world.store.getState()).map((one) => [one.videoEnabled, one.isApart]);
    expect(seen()).toEqual([
      [true, false],
      [true, false],
    ]);
    world.signaling.say(modeChanged({ generation: 3, reason: 'sfu-lost', core: ['b', 'me'] }));
    expect(seen()).toEqual([
      [false, false],
      [false, true],
    ]);
    expect(selectSharingIds(world.store.getState())).toEqual([]);
    const told = () => world.calls[0]!.data.on('presence').at(-1)?.[0];
    expect(told()).toMatchObject({ audio: true, video: false });
    world.signaling.say(modeChanged({ generation: 4, reason: 'sfu-lost', core: ['b', 'c'] }));
    expect(seen()).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(told()).toMatchObject({ audio: false, video: false });
    world.signaling.say(modeChanged({ mode: 'sfu', generation: 5 }));
    expect(selectSharingIds(world.store.getState())).toEqual(['b', 'c']);
  });
});

describe('reports', () => {
  const limited = (world: World, limitedBy: 'cpu' | 'none') =>
    world.calls[0]!.emit({
      type: 'statistics',
      memberId: 'b',
      statistics: {
        latency: 20,
        bandwidth: 0,
        bandwidthOut: 0,
        packetLoss: 0,
        packetLossOut: 0,
        received: null,
        sent: null,
        path: null,
        limitedBy,
      },
    });

  it('say that a mesh is too much for us, once', async () => {
    const members = ['b', 'c', 'd', 'me'].map((id) => member(id));
    const world = await joined({ members });
    vi.useFakeTimers();
    for (let second = 0; second < 30; second += 1) {
      limited(world, 'cpu');
      vi.advanceTimersByTime(1_000);
    }
    expect(world.signaling.sent.filter(({ type }) => type === 'report-limited')).toEqual([
      { type: 'report-limited', roomId: 'r1', by: 'cpu' },
    ]);
  });

  it('say that we have begun to speak, where a server can be lost', async () => {
    const world = await joined();
    world.levels.set('local', 0.8, 1_000);
    world.levels.set('local', 0, 2_000);
    expect(world.signaling.types()).not.toContain('report-speaking');
    const other = await joined({ mode: 'sfu' });
    other.levels.set('b', 0.8, 1_000);
    expect(other.signaling.types()).not.toContain('report-speaking');
    other.levels.set('local', 0.8, 1_000);
    expect(other.signaling.sent.at(-1)).toEqual({ type: 'report-speaking', roomId: 'r1' });
  });

  it('say how long pictures stood still in a hand-over, if that is known', async () => {
    const world = await joined({ mode: 'sfu', generation: 2 });
    const over = { type: 'handed-over', from: 'mesh', to: 'sfu', took: 900 } as const;
    world.calls[0]!.emit({ ...over, generation: 2, gap: null });
    expect(world.signaling.types()).not.toContain('report-gap');
    world.calls[0]!.emit({ ...over, generation: 2, gap: 40.4 });
    world.calls[0]!.emit({ ...over, generation: 4, gap: 1e6 });
    expect(world.signaling.sent.filter(({ type }) => type === 'report-gap')).toEqual([
      { type: 'report-gap', roomId: 'r1', generation: 2, milliseconds: 40 },
      { type: 'report-gap', roomId: 'r1', generation: 4, milliseconds: 60_000 },
    ]);
  });

  it('of the call on its way go to the server', async () => {
    const world = await joined();
    world.calls[0]!.options.tell({ type: 'report-sfu', reachable: false });
    expect(world.signaling.sent.at(-1)).toEqual({
      type: 'report-sfu',
      roomId: 'r1',
      reachable: false,
    });
  });
});
