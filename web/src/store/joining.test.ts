import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member, room } from '../signaling/testing/messages';
import { locationChanged } from './location';
import { createRoom, fetchRooms, joinRoom, leaveRoom } from './room_actions';
import { selectLocalParticipant, selectParticipantIds, selectParticipants } from './selectors';
import { createWorld, joined, StubStream, type World } from './testing/fake_backstage';

const names = (world: World) => world.noted.map(([name]) => name);
const codes = ({ store }: World) =>
  store.getState().dashboard.notifications.map(({ code }) => code);

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => vi.unstubAllGlobals());

describe('joining', () => {
  it('fills the store in order, then makes links', async () => {
    const world = createWorld();
    const actions: string[] = [];
    world.store.subscribe(() => {
      const { room: where, participants, rtcConnection } = world.store.getState();
      actions.push(
        [
          where.currentRoom !== null,
          participants.localParticipant !== null,
          participants.list.length,
          Object.keys(rtcConnection.connections).length,
        ].join(' '),
      );
    });
    world.signaling.begin();
    void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Me' }));
    await world.signaling.answer('join-room', {
      type: 'room-joined',
      room: room([member('b'), member('me')]),
    });
    const steps = [...new Set(actions)];
    expect(steps).toEqual([
      'false false 0 0',
      'true false 0 0',
      'true true 0 0',
      'true true 1 0',
      'true true 1 1',
    ]);
    expect(world.calls[0]?.options).toMatchObject({ memberId: 'me', roomId: 'r1' });
    expect(world.noted).toContainEqual(['setMembers', [member('b')], false]);
    expect(world.signaling.types()).toContain('chat-history');
    expect(world.capture.getState().camera.status).toBe('live');
  });

  it('keeps the server’s reason when it is refused', async () => {
    const world = createWorld();
    world.signaling.begin();
    void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Me' }));
    await world.signaling.refuse('join-room', 'wrong-password');
    const { room: state } = world.store.getState();
    expect(state).toMatchObject({ error: { code: 'wrong-password' }, loading: null });
    expect(world.membership.wish).toBeNull();
  });

  it('does not happen when one has left before the answer', async () => {
    const world = createWorld();
    world.signaling.begin();
    void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Me' }));
    world.store.dispatch(leaveRoom());
    await world.signaling.answer('join-room', { type: 'room-joined', room: room([member('me')]) });
    expect(world.store.getState().room).toMatchObject({ currentRoom: null, loading: null });
    expect(world.calls).toEqual([]);
  });

  it('enters a room that was created for us', async () => {
    const world = createWorld();
    world.signaling.begin();
    const created = world.store.dispatch(createRoom({ name: 'R', memberName: 'Me' }));
    await world.signaling.answer('create-room', {
      type: 'room-created',
      room: room([member('me')]),
    });
    expect((await created).payload).toBe('r1');
    expect(world.store.getState().room.currentRoom?.id).toBe('r1');
    expect(selectLocalParticipant(world.store.getState())).toMatchObject({ isModerator: true });
  });
});

describe('a connection that starts over', () => {
  it('goes back into the room with its ticket, and keeps who is still on the way', async () => {
    const world = await joined();
    world.signaling.begin({ resumed: false });
    expect(world.signaling.sent.at(-1)).toEqual({
      type: 'join-room',
      payload: {
        roomId: 'r1',
        name: 'Me',
        password: 'secret',
        ticket: 'ticket',
        instance: 'page 1',
      },
    });
    await world.signaling.answer('join-room', {
      type: 'room-joined',
      room: room([member('me')], { reopened: true }),
    });
    expect(world.noted).toContainEqual(['setMembers', [], true]);
    expect(selectParticipants(world.store.getState())[0]).toMatchObject({ id: 'b', online: false });
    expect(world.calls).toHaveLength(1);
    world.calls[0]!.emit({ type: 'removed', memberId: 'b' });
    expect(selectParticipantIds(world.store.getState())).toEqual([]);
  });

  it('forgets who left in the meantime', async () => {
    const world = await joined();
    world.signaling.begin({ resumed: false });
    await world.signaling.answer('join-room', { type: 'room-joined', room: room([member('me')]) });
    expect(selectParticipantIds(world.store.getState())).toEqual([]);
  });

  it('says so when there is no way back', async () => {
    const world = await joined();
    world.signaling.begin({ resumed: false });
    await world.signaling.refuse('join-room', 'room-full');
    expect(world.store.getState().room.currentRoom).toBeNull();
    expect(codes(world)).toEqual(['room-lost']);
  });

  it('renews the list of rooms once it was asked for', async () => {
    const world = createWorld();
    world.signaling.begin();
    void world.store.dispatch(fetchRooms());
    await world.signaling.answer('list-rooms', { type: 'rooms-list', rooms: [], total: 0 });
    world.signaling.begin();
    expect(world.signaling.types()).toEqual(['list-rooms', 'list-rooms']);
  });

  it('under another name starts the call anew', async () => {
    const world = await joined();
    world.signaling.begin({ resumed: false, id: 'me again' });
    await world.signaling.answer('join-room', {
      type: 'room-joined',
      room: room([member('b'), member('me again')]),
    });
    expect(world.calls.map(({ options }) => options.memberId)).toEqual(['me', 'me again']);
    expect(names(world)).toContain('close');
  });
});

describe('leaving', () => {
  it('tells the server, stops links and devices, and keeps the connection', async () => {
    const world = await joined();
    world.store.dispatch(leaveRoom());
    expect(world.signaling.sent.at(-1)).toEqual({
      type: 'leave-room',
      payload: { roomId: 'r1' },
    });
    const { room: where, participants, rtcConnection } = world.store.getState();
    expect(where.currentRoom).toBeNull();
    expect(participants).toMatchObject({ list: [], localParticipant: null });
    expect(rtcConnection).toMatchObject({ connections: {}, signaling: { status: 'connected' } });
    expect(world.devices.live()).toEqual([]);
    expect(world.membership.remembered()).toBeNull();
  });

  it('is what going elsewhere means, except to the settings', async () => {
    const world = await joined();
    world.store.dispatch(locationChanged({ page: 'settings', roomId: null }));
    expect(world.store.getState().room.currentRoom).not.toBeNull();
    world.store.dispatch(locationChanged({ page: 'dashboard', roomId: null }));
    expect(world.store.getState().room.currentRoom).toBeNull();
  });
});
