import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { member } from '../signaling/testing/messages';
import { MeshSession } from './mesh_session';
import { FakeRoom } from './testing/fake_room';

const camera = { kind: 'video', getSettings: () => ({ height: 720 }) } as MediaStreamTrack;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Two in a room, connected; b came last and has the first connection. */
async function couple() {
  const room = new FakeRoom();
  room.greets = true;
  const a = room.enter('a');
  const b = room.enter('b');
  await pass(1_000);
  return { room, a, b };
}

function activeOf(room: FakeRoom): string[] {
  return [...room.people.keys()].flatMap((id) => Object.values(room.phases(id)));
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('two members', () => {
  it('connect with one connection and one offer, made by the lower id', async () => {
    const { room } = await couple();
    expect(activeOf(room)).toEqual(['active', 'active']);
    expect(room.offers()).toEqual(['a']);
    expect(room.network.all).toHaveLength(2);
  });

  it('go through the states in order', async () => {
    const { b } = await couple();
    const phases = b.events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
    expect(phases[0]).toBe('connecting');
    expect(phases).toContain('negotiating');
    expect(phases.at(-1)).toBe('active');
  });

  it('share one pair of media sections, whoever offers', async () => {
    const { room } = await couple();
    for (const connection of room.network.all) {
      const kinds = connection.getTransceivers().map(({ receiver }) => receiver.track.kind);
      expect(kinds).toEqual(['audio', 'video']);
    }
  });

  it('switch tracks without negotiating', async () => {
    const { room, a } = await couple();
    const before = room.signals.length;
    a.session.publish({ microphone: null, camera, screen: null, screenAudio: null });
    await pass(100);
    const [, video] = room.network.all[1]!.getTransceivers();
    expect(video!.sender.track).toBe(camera);
    expect(video!.sender.parameters.encodings[0]).toMatchObject({ maxBitrate: 2_000_000 });
    expect(room.signals.length).toBe(before);
  });

  it('say what arrives, for want of a word of theirs', async () => {
    const { room, b } = await couple();
    const [audio] = room.network.all[0]!.getTransceivers();
    const track = Object.assign(audio!.receiver.track, { muted: false });
    const before = b.events.length;
    track.dispatchEvent(new Event('unmute'));
    track.dispatchEvent(new Event('unmute'));
    const told = b.events.slice(before).filter(({ type }) => type === 'published');
    const published = { audio: true, video: false, screen: false };
    expect(told).toEqual([{ type: 'published', memberId: 'a', published, byServer: false }]);
  });

  it('connect although the first offer comes from who should wait', async () => {
    const room = new FakeRoom();
    room.loses = ({ from, type }) => from === 'a' && type === 'offer';
    room.enter('a');
    room.enter('b');
    await pass(3_500);
    expect(room.offers()).toContain('b');
    room.loses = () => false;
    await pass(20_000);
    expect(activeOf(room)).toEqual(['channel-open', 'channel-open']);
  });

  it('repeat an offer that was lost, and answer its copy with the same answer', async () => {
    const room = new FakeRoom();
    let lost = 0;
    room.loses = ({ type }) => type === 'answer' && (lost += 1) <= 2;
    room.enter('a');
    room.enter('b');
    await pass(20_000);
    expect(activeOf(room)).toEqual(['channel-open', 'channel-open']);
    expect(room.network.all).toHaveLength(2);
  });

  it('connect through heavy loss', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (dice) => {
        const room = new FakeRoom();
        room.loses = () => (dice.next().value ?? 9) < 4;
        room.enter('a');
        room.enter('b');
        await pass(20_000);
        room.loses = () => false;
        await pass(90_000);
        expect(activeOf(room)).toEqual(['channel-open', 'channel-open']);
        expect(room.network.open()).toHaveLength(2);
        room.leave('a');
        room.leave('b');
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a mesh that is not live', () => {
  it('connects, and sends its tracks when it is', async () => {
    const room = new FakeRoom();
    room.isLive = false;
    const a = room.enter('a');
    a.session.publish({ microphone: null, camera, screen: null, screenAudio: null });
    room.enter('b');
    await pass(1_000);
    const sent = () => room.network.all[1]!.getTransceivers().map(({ sender }) => sender.track);
    expect(sent()).toEqual([null, null]);
    const before = room.signals.length;
    a.session.setLive(true);
    expect(sent()).toEqual([null, camera]);
    a.session.setLive(false);
    expect(sent()).toEqual([null, null]);
    expect(room.signals.length).toBe(before);
  });
});

describe('a client that is not ours', () => {
  it('may call first, or wait to be called', async () => {
    const room = new FakeRoom();
    const a = room.enter('a');
    a.session.addMember(member('z', { instance: null }));
    await pass(400);
    expect(room.offers()).toEqual([]);
    await pass(1_000);
    expect(room.offers()).toEqual(['a']);
  });
});

describe('a link in trouble', () => {
  it('restarts ICE after two seconds without a path, on the same connection', async () => {
    const { room } = await couple();
    for (const one of room.network.all) one.enter('disconnected');
    expect(room.phases('a')['b']).toBe('reconnecting');
    await pass(1_400);
    expect(room.offers()).toEqual(['a']);
    await pass(1_500);
    expect(activeOf(room)).toEqual(['active', 'active']);
    expect(room.offers()).toEqual(['a', 'a']);
    expect(room.network.all).toHaveLength(2);
  });

  it('gets a new connection when the old one failed', async () => {
    const { room } = await couple();
    for (const one of room.network.all) one.enter('failed');
    await pass(2_000);
    expect(activeOf(room)).toEqual(['active', 'active']);
    expect(room.network.all).toHaveLength(4);
    expect(room.network.open()).toHaveLength(2);
  });

  it('survives both sides restarting at once', async () => {
    const { room } = await couple();
    for (let round = 0; round < 5; round += 1) {
      for (const one of room.network.open()) one.restartIce();
      await pass(300);
    }
    await pass(10_000);
    expect(activeOf(room)).toEqual(['active', 'active']);
    expect(room.network.all).toHaveLength(2);
  });

  it('is left alone while the member cannot be reached', async () => {
    const room = new FakeRoom();
    const a = room.enter('a');
    room.loses = () => true;
    const b = room.enter('b');
    await pass(100);
    a.session.memberUnreachable('b');
    const before = room.offers().filter((from) => from === 'a').length;
    await pass(60_000);
    expect(room.offers().filter((from) => from === 'a')).toHaveLength(before);
    room.loses = () => false;
    a.session.memberReachable('b');
    b.session.signalingRestored();
    await pass(5_000);
    expect(activeOf(room)).toEqual(['channel-open', 'channel-open']);
  });
});

describe('coming back', () => {
  it('keeps the connection when the page is the same', async () => {
    const { room, a, b } = await couple();
    a.session.addMember(room.card(b));
    b.session.setMembers(room.others('b'), false);
    b.session.signalingRestored();
    await pass(1_000);
    expect(room.network.all).toHaveLength(2);
    expect(activeOf(room)).toEqual(['active', 'active']);
  });

  it('makes a new one when the page was loaded anew, whichever side it was', async () => {
    for (const id of ['a', 'b']) {
      const { room } = await couple();
      room.people.get(id)!.session.close();
      room.enter(id, 'next page');
      await pass(1_000);
      expect(activeOf(room)).toEqual(['active', 'active']);
      expect(room.network.open()).toHaveLength(2);
    }
  });

  it('makes a new one when both pages were loaded anew', async () => {
    const { room } = await couple();
    for (const { session } of room.people.values()) session.close();
    room.people.clear();
    room.enter('b', 'next b');
    room.enter('a', 'next a');
    await pass(5_000);
    expect(activeOf(room)).toEqual(['active', 'active']);
    expect(room.network.open()).toHaveLength(2);
  });

  it('waits half a minute for who a restarted server does not know yet', async () => {
    const { room, a, b } = await couple();
    a.session.setMembers([], true);
    await pass(20_000);
    expect(room.network.open()).toHaveLength(2);
    a.session.addMember(room.card(b));
    await pass(60_000);
    expect(room.network.open()).toHaveLength(2);
    a.session.setMembers([], true);
    await pass(31_000);
    expect(a.events.at(-1)).toEqual({ type: 'removed', memberId: 'b' });
    expect(room.network.open().map(({ id }) => id)).toEqual(['pc0']);
  });

  it('lets go at once of who left', async () => {
    const { room, a } = await couple();
    a.session.setMembers([], false);
    expect(room.phases('a')['b']).toBe('disconnected');
    expect(room.network.all[1]!.signalingState).toBe('closed');
  });

  it('ten times leaves nothing behind', async () => {
    const { room } = await couple();
    for (let round = 0; round < 10; round += 1) {
      room.leave('b');
      expect(room.network.open()).toHaveLength(0);
      room.enter('b');
      await pass(500);
      expect(activeOf(room)).toEqual(['active', 'active']);
      expect(room.network.open()).toHaveLength(2);
    }
    room.leave('a');
    room.leave('b');
    expect(room.network.open()).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('signals from strangers', () => {
  it('are survived, whatever they hold', async () => {
    const { room, a } = await couple();
    const type = fc.constantFrom('offer' as const, 'answer' as const, 'ice-candidate' as const);
    fc.assert(
      fc.property(type, fc.constantFrom('b', 'nobody'), fc.anything(), (kind, from, payload) => {
        a.session.receive({ type: kind, from, payload });
      }),
    );
    a.session.receive({
      type: 'offer',
      from: 'b',
      payload: { type: 'offer', sdp: 'v=0 unacceptable' },
    });
    await pass(60_000);
    expect(activeOf(room)).toEqual(['active', 'active']);
  });

  it('do nothing to a closed session', () => {
    const session = new MeshSession({
      memberId: 'a',
      iceServers: [],
      isLive: true,
      send: () => undefined,
      emit: () => expect.unreachable(),
    });
    session.close();
    session.close();
    session.receive({ type: 'offer', from: 'b', payload: null });
    session.setMembers([], true);
  });
});
