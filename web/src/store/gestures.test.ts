import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { react, toggleHand } from './gestures';
import { leaveRoom } from './room_actions';
import { selectHandPlace, selectHands, selectLocalParticipant } from './selectors';
import { createWorld, joined, StubStream, type World } from './testing/fake_backstage';

const shown = ({ store }: World) =>
  store.getState().reactions.shown.map(({ memberId, reaction }) => `${memberId} ${reaction}`);
const codes = ({ store }: World) =>
  store.getState().dashboard.notifications.map(({ code }) => code);

const said = (hand: number | null, revision: number) => ({
  revision,
  name: 'B',
  status: 'active',
  audio: false,
  video: false,
  screen: false,
  hand,
});

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a reaction', () => {
  it('is seen by everybody for three seconds', async () => {
    const world = await joined();
    vi.useFakeTimers();
    world.store.dispatch(react('🎉'));
    world.calls[0]!.data.hear('b', 'reaction', { reaction: '👏' });
    expect(world.calls[0]!.data.published.at(-1)).toEqual({
      topic: 'reaction',
      payload: { reaction: '🎉' },
      options: { lossy: true },
    });
    expect(shown(world)).toEqual(['me 🎉', 'b 👏']);
    vi.advanceTimersByTime(3_000);
    expect(shown(world)).toEqual([]);
  });

  it('is one of six, whatever others send', async () => {
    const world = await joined();
    for (const payload of ['👍', null, {}, { reaction: '💣' }, { reaction: '👍'.repeat(900) }]) {
      world.calls[0]!.data.hear('b', 'reaction', payload);
    }
    expect(shown(world)).toEqual([]);
  });

  it('does not come without end, from nobody', async () => {
    const world = await joined();
    for (let count = 0; count < 50; count += 1) {
      world.store.dispatch(react('👍'));
      world.calls[0]!.data.hear('b', 'reaction', { reaction: '👏' });
    }
    world.calls[0]!.data.hear('c', 'reaction', { reaction: '😮' });
    expect(shown(world).filter((one) => one === 'me 👍')).toHaveLength(5);
    expect(shown(world).filter((one) => one === 'b 👏')).toHaveLength(5);
    expect(shown(world).at(-1)).toBe('c 😮');
    expect(world.calls[0]!.data.on('reaction')).toHaveLength(5);
  });

  it('takes a room', () => {
    const world = createWorld();
    world.store.dispatch(react('👍'));
    expect(shown(world)).toEqual([]);
  });
});

describe('a raised hand', () => {
  it('is told to everybody, and goes down with us', async () => {
    const world = await joined();
    const told = () => world.calls[0]!.data.on('presence').at(-1)?.[0];
    world.store.dispatch(toggleHand());
    const { raisedAt } = selectLocalParticipant(world.store.getState())!;
    expect(raisedAt).toBeGreaterThan(0);
    expect(told()).toMatchObject({ hand: raisedAt });
    world.store.dispatch(toggleHand());
    expect(told()).toMatchObject({ hand: null });
    world.store.dispatch(toggleHand());
    world.store.dispatch(leaveRoom());
    expect(selectHands(world.store.getState())).toEqual([]);
  });

  it('stays up when the connection starts over', async () => {
    const world = await joined();
    world.store.dispatch(toggleHand());
    world.signaling.begin({ resumed: false });
    const { currentRoom } = world.store.getState().room;
    await world.signaling.answer('join-room', { type: 'room-joined', room: currentRoom! });
    expect(selectHands(world.store.getState())).toEqual(['me']);
  });

  it('has its place in the order of raising, and is news', async () => {
    const world = await joined();
    const place = (id: string) => selectHandPlace(world.store.getState(), id);
    const now = Date.now();
    world.calls[0]!.data.hear('b', 'presence', said(now - 1_000, 1));
    world.store.dispatch(toggleHand());
    expect([place('b'), place('me'), place('nobody')]).toEqual([1, 2, 0]);
    world.calls[0]!.data.hear('b', 'presence', said(null, 2));
    expect([place('b'), place('me')]).toEqual([0, 1]);
    expect(codes(world)).toEqual(['hand-raised']);
  });
});
