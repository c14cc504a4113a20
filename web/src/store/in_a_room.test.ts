import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { chat, member } from '../signaling/testing/messages';
import { sendMessage } from './message_actions';
import {
  selectConnectedPeers,
  selectCurrentMessages,
  selectHighLatencyParticipants,
  selectLocalParticipant,
  selectParticipantIds,
  selectParticipants,
} from './selectors';
import { setChatOpen } from './slices/messages';
import { toggleAudio, toggleScreenShare, toggleVideo } from './slices/rtc_connection';
import { createWorld, joined, settle, StubStream, type World } from './testing/fake_backstage';

const names = (world: World) => world.noted.map(([name]) => name);
const codes = ({ store }: World) =>
  store.getState().dashboard.notifications.map(({ code }) => code);

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => vi.unstubAllGlobals());

describe('people', () => {
  it('come and go', async () => {
    const world = await joined();
    world.signaling.say({
      type: 'member-joined',
      roomId: 'r1',
      memberId: 'c',
      participants: [],
      rejoined: false,
      member: member('c'),
    });
    expect(selectParticipantIds(world.store.getState())).toEqual(['b', 'c']);
    expect(world.noted).toContainEqual(['addMember', member('c')]);
    world.signaling.say({
      type: 'member-left',
      roomId: 'r1',
      memberId: 'b',
      participants: [],
      reason: 'left',
    });
    expect(selectParticipantIds(world.store.getState())).toEqual(['c']);
    expect(world.noted).toContainEqual(['removeMember', 'b']);
    expect(codes(world)).toEqual(['member-joined', 'member-left']);
  });

  it('are not announced when they only came back', async () => {
    const world = await joined();
    world.signaling.say({
      type: 'member-joined',
      roomId: 'r1',
      memberId: 'b',
      participants: [],
      rejoined: true,
      member: member('b', { instance: 'new' }),
    });
    expect(codes(world)).toEqual([]);
    expect(selectParticipants(world.store.getState())).toHaveLength(1);
  });

  it('may lose their connection and be the host', async () => {
    const world = await joined();
    const presence = { type: 'member-presence', roomId: 'r1', memberId: 'b' } as const;
    world.signaling.say({ ...presence, presence: 'reconnecting' });
    expect(selectParticipants(world.store.getState())[0]).toMatchObject({
      online: false,
      isModerator: true,
    });
    expect(world.noted.at(-1)).toEqual(['memberAway', 'b']);
    world.signaling.say({ ...presence, presence: 'online' });
    expect(world.noted).toContainEqual(['memberReachable', 'b']);
    world.signaling.say({ type: 'host-changed', roomId: 'r1', host: 'me' });
    expect(selectLocalParticipant(world.store.getState())?.isModerator).toBe(true);
  });

  it('are shown as their links have it', async () => {
    const world = await joined();
    world.calls[0]!.emit({ type: 'phase', memberId: 'b', phase: 'active' });
    const state = world.store.getState();
    expect(selectConnectedPeers(state)).toEqual(['b']);
    expect(selectHighLatencyParticipants(state, 100)).toEqual([]);
    expect(selectParticipants(state)).toBe(selectParticipants(state));
  });

  it('in other rooms are none of our business', async () => {
    const world = await joined();
    const before = world.store.getState();
    world.signaling.say({ type: 'host-changed', roomId: 'r2', host: 'x' });
    world.signaling.say(chat(1, { roomId: 'r2' }));
    expect(world.store.getState()).toBe(before);
  });

  it('can be told that the room is closed', async () => {
    const world = await joined();
    world.signaling.say({ type: 'room-closed', roomId: 'r1', reason: 'closed-by-operator' });
    expect(world.store.getState().room.currentRoom).toBeNull();
    expect(names(world)).toContain('close');
    expect(world.devices.live()).toEqual([]);
    expect(codes(world)).toEqual(['room-closed']);
  });
});

describe('switches', () => {
  it('reach devices, call and the others', async () => {
    const world = await joined();
    const published = () => world.noted.filter(([name]) => name === 'publish').length;
    const before = published();
    world.store.dispatch(toggleAudio());
    expect(world.capture.tracks.microphone?.enabled).toBe(false);
    expect(published()).toBe(before + 1);
    world.store.dispatch(toggleVideo());
    expect(world.capture.tracks.camera).toBeNull();
    expect(published()).toBe(before + 2);
    const [said] = world.calls[0]!.data.on('presence').at(-1)!;
    expect(said).toMatchObject({ audio: false, video: false });
  });

  it('go off when the device is not to be had', async () => {
    const world = createWorld();
    world.devices.trouble.camera = 'NotReadableError';
    await world.capture.acquire();
    expect(world.store.getState().rtcConnection).toMatchObject({
      audioEnabled: true,
      videoEnabled: false,
    });
  });

  it('forgive a screen picker that was closed', async () => {
    const world = await joined();
    world.store.dispatch(toggleScreenShare());
    await settle();
    expect(world.store.getState().rtcConnection.screenSharing).toBe(false);
    expect(codes(world)).toEqual([]);
  });
});

describe('chat', () => {
  it('goes both roads and is shown once', async () => {
    const world = await joined();
    world.store.dispatch(sendMessage('  hello '));
    const [own] = selectCurrentMessages(world.store.getState());
    expect(own).toMatchObject({ text: 'hello', own: true, status: 'pending' });
    expect(world.calls[0]!.data.on('chat')).toEqual([
      [{ nonce: own!.nonce, text: 'hello', sentAt: own!.sentAt }, null],
    ]);
    await world.signaling.answer('chat', chat(1, { from: 'me', nonce: own!.nonce }));
    expect(selectCurrentMessages(world.store.getState())).toHaveLength(1);
    expect(selectCurrentMessages(world.store.getState())[0]).toMatchObject({ status: 'delivered' });
    expect(world.store.getState().messages.unreadCount).toBe(0);
  });

  it('says so when a message did not get through', async () => {
    const world = await joined();
    world.store.dispatch(sendMessage('hello'));
    await world.signaling.refuse('chat', 'timeout');
    expect(selectCurrentMessages(world.store.getState())[0]).toMatchObject({ status: 'failed' });
  });

  it('counts what has not been looked at', async () => {
    const world = await joined();
    const word = { nonce: 'n1', text: 'x', sentAt: '2030-01-01T00:00:00Z' };
    world.calls[0]!.data.hear('b', 'chat', word);
    world.signaling.say(chat(1));
    expect(world.store.getState().messages.unreadCount).toBe(1);
    world.store.dispatch(setChatOpen(true));
    world.signaling.say(chat(2));
    expect(world.store.getState().messages.unreadCount).toBe(0);
  });

  it('does not count what was said before we came', async () => {
    const world = await joined();
    const messages = [chat(1), chat(2)];
    world.signaling.say({ type: 'chat-history', roomId: 'r1', messages });
    expect(selectCurrentMessages(world.store.getState())).toHaveLength(2);
    expect(world.store.getState().messages.unreadCount).toBe(0);
  });
});
