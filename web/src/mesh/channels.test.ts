import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { FakeRoom } from './testing/fake_room';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

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
  const a = room.enter('a');
  const b = room.enter('b');
  await pass(1_000);
  return { room, a, b };
}

describe('members of a mesh', () => {
  it('talk on two channels, each with everybody or with one', async () => {
    const { a, b } = await couple();
    const before = b.events.length;
    expect(b.events).toContainEqual({ type: 'channel', memberId: 'a', isOpen: true });
    expect(a.session.send('to all', { to: null, lossy: false })).toBe(true);
    expect(a.session.send('soon or never', { to: 'b', lossy: true })).toBe(true);
    expect(a.session.send('to nobody', { to: 'z', lossy: false })).toBe(false);
    await pass(10);
    const heard = b.events.slice(before).filter(({ type }) => type === 'data');
    expect(heard).toEqual([
      { type: 'data', memberId: 'a', text: 'to all', lossy: false },
      { type: 'data', memberId: 'a', text: 'soon or never', lossy: true },
    ]);
  });

  it('are told when nothing more fits on a channel', async () => {
    const { room, a } = await couple();
    const [reliable, lossy] = [...room.network.all[1]!.channels.values()];
    lossy!.bufferedAmount = 100_000;
    reliable!.bufferedAmount = 100_000;
    expect(a.session.send('x', { to: null, lossy: true })).toBe(false);
    expect(a.session.send('x', { to: null, lossy: false })).toBe(true);
    reliable!.bufferedAmount = 2_000_000;
    expect(a.session.send('x', { to: null, lossy: false })).toBe(false);
  });

  it('hear once that a channel has opened, and once that it has closed', async () => {
    const { room, a } = await couple();
    for (const one of room.network.open()) one.enter('failed');
    await pass(2_000);
    room.leave('b');
    const opened = a.events.flatMap((event) => (event.type === 'channel' ? [event.isOpen] : []));
    expect(opened).toEqual([true, false, true, false]);
  });
});
