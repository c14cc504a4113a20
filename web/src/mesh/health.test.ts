import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { FakeRoom } from './testing/fake_room';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** How things stood with somebody's share of the mesh, from first to last. */
const healths = (room: FakeRoom, id: string) =>
  room.people.get(id)!.events.flatMap((one) => (one.type === 'health' ? [one.health] : []));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function couple() {
  const room = new FakeRoom();
  room.enter('a');
  room.enter('b');
  await pass(1_000);
  return room;
}

describe('the health of a mesh', () => {
  it('is good alone, and once everybody is connected', async () => {
    const room = await couple();
    expect(healths(room, 'a')).toEqual(['ready', 'opening', 'ready']);
    expect(healths(room, 'b')).toEqual(['ready']);
    room.enter('c');
    await pass(1_000);
    expect(healths(room, 'a').at(-1)).toBe('ready');
    expect(healths(room, 'c')).toEqual(['ready']);
  });

  it('fails when somebody is not connected after a while, and recovers', async () => {
    const room = new FakeRoom();
    room.loses = () => true;
    room.enter('a');
    room.enter('b');
    await pass(3_400);
    expect(healths(room, 'b')).toEqual([]);
    await pass(1_200);
    expect(healths(room, 'b')).toEqual(['failed']);
    room.loses = () => false;
    await pass(10_000);
    expect(healths(room, 'b')).toEqual(['failed', 'ready']);
  });

  it('allows a moment of interruption', async () => {
    const room = await couple();
    for (const one of room.network.all) one.enter('disconnected');
    expect(healths(room, 'b')).toEqual(['ready', 'opening']);
    await pass(3_000);
    expect(healths(room, 'b')).toEqual(['ready', 'opening', 'ready']);
  });

  it('does not wait for who cannot be reached, nor for who has left', async () => {
    const room = new FakeRoom();
    room.loses = () => true;
    const a = room.enter('a');
    room.enter('b');
    await pass(100);
    a.session.memberUnreachable('b');
    expect(healths(room, 'a')).toEqual(['ready', 'opening', 'ready']);
    await pass(500);
    a.session.memberReachable('b');
    expect(healths(room, 'a').at(-1)).toBe('opening');
    await pass(5_000);
    expect(healths(room, 'a').at(-1)).toBe('failed');
    room.leave('b');
    expect(healths(room, 'a').at(-1)).toBe('ready');
  });
});
