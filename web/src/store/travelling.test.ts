/** How the room's media travels, as the store and the call are told of it. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FORWARDED, profileFor } from '../media/ladder';
import type { MemberJoined } from '../signaling/protocol';
import { member } from '../signaling/testing/messages';
import { pinMode } from './course_actions';
import { joined, modeChanged, settle, StubStream, type World } from './testing/fake_backstage';

const told = (world: World, what: string) => world.noted.filter(([name]) => name === what);
const codes = ({ store }: World) =>
  store.getState().dashboard.notifications.map(({ code }) => code);
const room = (world: World) => world.store.getState().room;

const prepare = {
  type: 'prepare-hand-over',
  roomId: 'r1',
  mode: 'sfu',
  generation: 2,
  reason: 'outgrew-mesh',
  seconds: 5,
} as const;

const arrival = (id: string): MemberJoined => ({
  type: 'member-joined',
  roomId: 'r1',
  memberId: id,
  participants: [],
  rejoined: false,
  member: member(id),
});

const handedOver = {
  type: 'handed-over',
  from: 'mesh',
  to: 'sfu',
  generation: 2,
  gap: 40,
  took: 900,
} as const;

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a course', () => {
  it('is followed by the one call there is', async () => {
    const world = await joined();
    const course = { mode: 'sfu', generation: 2, prewarm: false, core: null } as const;
    world.signaling.say(modeChanged({ ...course, reason: 'outgrew-mesh' }));
    expect(world.calls).toHaveLength(1);
    expect(told(world, 'close')).toEqual([]);
    expect(told(world, 'setCourse').at(-1)).toEqual(['setCourse', course]);
    expect(room(world).currentRoom).toMatchObject({ ...course, reason: 'outgrew-mesh' });
  });

  it('that is out of date changes nothing', async () => {
    const world = await joined({ generation: 5 });
    const before = world.store.getState();
    world.signaling.say(modeChanged({ mode: 'sfu', generation: 4, ticket: 'old' }));
    expect(world.store.getState()).toBe(before);
    expect(world.membership.wish?.ticket).toBe('ticket');
  });

  it('with a known generation carries news, and every one a ticket', async () => {
    const world = await joined();
    const news = { prewarm: true, unreachable: ['b'], strained: true, ticket: 'fresh' };
    world.signaling.say(modeChanged(news));
    expect(room(world)).toMatchObject({ strained: true, currentRoom: news });
    expect(world.membership.remembered()?.ticket).toBe('fresh');
    expect(told(world, 'setCourse').at(-1)).toEqual([
      'setCourse',
      { mode: 'mesh', generation: 1, prewarm: true, core: null },
    ]);
  });

  it('is told again to a call that goes on after a restart', async () => {
    const world = await joined();
    world.signaling.begin({ resumed: false });
    const { currentRoom } = room(world);
    const again = { ...currentRoom!, mode: 'sfu' as const, generation: 3, reopened: true };
    await world.signaling.answer('join-room', { type: 'room-joined', room: again });
    expect(world.calls).toHaveLength(1);
    expect(told(world, 'setCourse').at(-1)?.[1]).toMatchObject({ mode: 'sfu', generation: 3 });
  });
});

describe('a hand-over', () => {
  it('is prepared, carried out, and remembered', async () => {
    const world = await joined();
    world.signaling.say(prepare);
    expect(told(world, 'prepare')).toEqual([
      ['prepare', { mode: 'sfu', generation: 2, seconds: 5 }],
    ]);
    expect(room(world)).toMatchObject({
      currentRoom: { mode: 'mesh', generation: 1 },
      moving: { mode: 'sfu', generation: 2 },
    });
    world.calls[0]!.options.tell({ type: 'hand-over-ready', generation: 2 });
    expect(world.signaling.sent.at(-1)).toEqual({
      type: 'hand-over-ready',
      roomId: 'r1',
      generation: 2,
    });
    world.signaling.say(modeChanged({ mode: 'sfu', generation: 2 }));
    world.calls[0]!.emit(handedOver);
    expect(room(world)).toMatchObject({
      moving: null,
      lastHandOver: { from: 'mesh', to: 'sfu', gap: 40, took: 900 },
    });
    // What goes well is nobody's business.
    expect(codes(world)).toEqual([]);
  });

  it('may be given up: the mode stays, the generation grows', async () => {
    const world = await joined();
    world.signaling.say(prepare);
    world.signaling.say(modeChanged({ strained: true }));
    expect(room(world).moving).not.toBeNull();
    world.signaling.say(modeChanged({ generation: 3, reason: 'small-room' }));
    expect(room(world)).toMatchObject({ moving: null, currentRoom: { mode: 'mesh' } });
  });

  it('that one has entered already is not one that is coming', async () => {
    const world = await joined({ mode: 'sfu', generation: 2 });
    world.signaling.say(prepare);
    expect(room(world).moving).toBeNull();
    expect(told(world, 'prepare')).toHaveLength(1);
  });

  it('leaves with the room', async () => {
    const world = await joined();
    world.signaling.say(prepare);
    world.calls[0]!.emit(handedOver);
    world.calls[0]!.emit({ type: 'way', mode: 'sfu', health: 'failed' });
    world.signaling.say({ type: 'room-closed', roomId: 'r1', reason: 'closed-by-operator' });
    expect(room(world)).toMatchObject({ moving: null, lastHandOver: null, way: null });
    world.calls[0]!.emit({ type: 'way', mode: 'sfu', health: 'ready' });
    expect(room(world).way).toBeNull();
  });
});

describe('the camera', () => {
  it('is fitted when we enter, and a moment after people came or went', async () => {
    const world = await joined();
    const fit = vi.spyOn(world.capture, 'setProfile');
    vi.useFakeTimers();
    world.signaling.say(arrival('c'));
    world.signaling.say(arrival('d'));
    expect(fit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(fit.mock.calls).toEqual([[profileFor(3)]]);
  });

  it('is left alone until a hand-over is over', async () => {
    const world = await joined();
    const fit = vi.spyOn(world.capture, 'setProfile');
    vi.useFakeTimers();
    world.signaling.say(arrival('c'));
    world.signaling.say(prepare);
    vi.advanceTimersByTime(4_000);
    world.signaling.say(modeChanged({ mode: 'sfu', generation: 2 }));
    world.signaling.say(arrival('d'));
    vi.advanceTimersByTime(4_000);
    expect(fit).not.toHaveBeenCalled();
    world.calls[0]!.emit(handedOver);
    expect(fit.mock.calls).toEqual([[FORWARDED]]);
    vi.advanceTimersByTime(60_000);
    expect(fit).toHaveBeenCalledOnce();
  });

  it('is fitted after a hand-over that is given up, or of which nothing is heard', async () => {
    const world = await joined();
    const fit = vi.spyOn(world.capture, 'setProfile');
    vi.useFakeTimers();
    world.signaling.say(prepare);
    world.signaling.say(arrival('c'));
    world.signaling.say(modeChanged({ generation: 3 }));
    vi.advanceTimersByTime(1_000);
    expect(fit.mock.calls).toEqual([[profileFor(2)]]);
    world.signaling.say(modeChanged({ mode: 'sfu', generation: 4 }));
    vi.advanceTimersByTime(10_000);
    expect(fit.mock.calls.at(-1)).toEqual([FORWARDED]);
  });

  it('is published anew when it captures in another size', async () => {
    const world = await joined();
    const before = told(world, 'publish').length;
    world.capture.setProfile(profileFor(6));
    await settle();
    expect(told(world, 'publish')).toHaveLength(before + 1);
    world.capture.selectSpeaker('any');
    expect(told(world, 'publish')).toHaveLength(before + 1);
  });
});

describe('what people are told', () => {
  const pin = { mode: 'mesh', reason: 'host', member: 'b' } as const;

  it('that the host decides, and does no more', async () => {
    const world = await joined();
    world.signaling.say(modeChanged({ pins: [pin], reason: 'pinned' }));
    world.signaling.say(modeChanged({ pins: [pin], unreachable: ['b'] }));
    expect(world.store.getState().dashboard.notifications).toMatchObject([
      { code: 'mode-pinned', values: { name: 'B', mode: 'mesh' } },
    ]);
    world.signaling.say(modeChanged({ pins: [] }));
    expect(codes(world)).toEqual(['mode-pinned', 'mode-unpinned']);
  });

  it('nothing that they have decided themselves, nor of plain clients', async () => {
    const world = await joined();
    world.signaling.say(modeChanged({ pins: [{ ...pin, member: 'me' }] }));
    world.signaling.say(modeChanged({ pins: [{ ...pin, reason: 'plain-client' }] }));
    expect(codes(world)).toEqual([]);
  });

  it('that messages were lost because they came too quickly', async () => {
    const world = await joined({ mode: 'sfu' });
    const removed = { type: 'data-consumer-removed', roomId: 'r1', dataConsumerId: 'x' } as const;
    world.signaling.say({ ...removed, reason: 'too-slow' });
    world.signaling.say({ ...removed, reason: 'transport-closed' });
    world.signaling.say({ ...removed, reason: 'too-slow' });
    expect(codes(world)).toEqual(['data-slow']);
    expect(told(world, 'hear')).toHaveLength(3);
  });

  it('why the server does not pin', async () => {
    const world = await joined();
    const asked = world.store.dispatch(pinMode('mesh'));
    expect(world.signaling.sent.at(-1)).toEqual({ type: 'pin-mode', roomId: 'r1', mode: 'mesh' });
    await world.signaling.refuse('pin-mode', 'room-full');
    expect((await asked).payload).toMatchObject({ code: 'room-full' });
  });
});

describe('the call', () => {
  it('hears what the server says of it, and what is looked at', async () => {
    const world = await joined({ mode: 'sfu' });
    const lost = { type: 'router-lost', roomId: 'r1', routerId: 'x' } as const;
    world.signaling.say(lost);
    world.signaling.say({ ...lost, roomId: 'elsewhere' });
    expect(told(world, 'hear')).toEqual([['hear', lost]]);
    world.views.report({}, 'b', 'camera', 240);
    expect(world.noted.at(-1)).toEqual(['setShownHeight', 'b', 'camera', 240]);
  });
});
