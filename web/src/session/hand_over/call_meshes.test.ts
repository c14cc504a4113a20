import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../../signaling/testing/messages';
import { NO_TRACKS, type LocalTracks } from '../media_session';
import { FakeStream } from '../testing/fake_stream';
import { FakeCall, pass, SELF } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a mesh that is to be built', () => {
  const offer = (from: string) => ({ type: 'offer', from, payload: from }) as const;
  const heard = (call: FakeCall) =>
    call.engine('mesh').calls.filter((one) => one.startsWith('signal'));

  it('takes up what the others have said before', () => {
    const call = FakeCall.among('sfu', 'a', 'b');
    for (const from of ['a', 'b', 'a', 'stranger']) call.session.receive(offer(from));
    call.session.removeMember('b');
    call.prepare('mesh', 2);
    expect(heard(call)).toEqual(['signal', 'signal']);
    expect(call.engine('mesh').calls.at(0)).toBe('members a');
    call.session.receive(offer('a'));
    expect(heard(call)).toHaveLength(3);
    call.close();
  });

  it('takes up nothing that belongs to another one, or to another page', async () => {
    const call = FakeCall.among('sfu', 'a', 'b');
    call.session.receive(offer('b'));
    await pass(9_000);
    call.session.receive(offer('a'));
    await pass(1_000);
    call.session.addMember(member('a', { instance: 'another page' }));
    call.prepare('mesh', 2);
    expect(heard(call)).toEqual([]);
    call.close();
  });

  it('does not wait for those who are away, until they are back', () => {
    const call = FakeCall.among('sfu', 'a', 'b');
    call.session.memberAway('a');
    expect(call.engine('sfu').calls).not.toContain('unreachable a');
    call.prepare('mesh', 2);
    expect(call.engine('mesh').calls).toEqual(['members a,b', 'unreachable a']);
    call.session.memberAway('b');
    expect(call.engine('mesh').calls.at(-1)).toBe('unreachable b');
    call.session.memberReachable('a');
    call.session.addMember(member('c'));
    expect(call.engine('mesh').calls.slice(-3)).toEqual(['reachable a', 'add c', 'unreachable b']);
    call.close();
  });

  it('knows of whom the server says that they are away, or cannot be told', () => {
    const call = FakeCall.among('sfu', 'a', 'b', 'c');
    call.session.setMembers([member('a', { presence: 'reconnecting' }), member('b')], false);
    call.session.memberUnreachable('b');
    call.session.receive(offer('b'));
    call.session.memberUnreachable('stranger');
    call.prepare('mesh', 2);
    expect(call.engine('mesh').calls).toEqual(['members a,b', 'signal', 'unreachable a']);
    call.close();
  });

  it('does not take those for back who called before they went', () => {
    const call = FakeCall.among('sfu', 'a');
    call.session.receive(offer('a'));
    call.session.memberAway('a');
    call.prepare('mesh', 2);
    expect(call.engine('mesh').calls).toEqual(['members a', 'signal', 'unreachable a']);
    call.close();
  });

  it('takes up nothing that was said to the one before', async () => {
    const call = FakeCall.among('mesh', 'a');
    call.prepare('sfu', 2);
    call.session.receive(offer('a'));
    call.commit('sfu', 2);
    await pass(7_000);
    call.prepare('mesh', 3);
    expect(heard(call)).toEqual([]);
    call.close();
  });

  it('goes on mending links that stand to those who are away', () => {
    const call = FakeCall.among('mesh', 'a');
    call.session.memberAway('a');
    expect(call.engine('mesh').calls).not.toContain('unreachable a');
    call.close();
  });
});

describe('the SFU is lost', () => {
  it('and a mesh takes over picture by picture', async () => {
    const call = FakeCall.among('sfu', 'a', 'b');
    const lost = call.engine('sfu');
    call.isMoving = false;
    lost.feel('failed');
    call.commit('mesh', 2);
    await pass(100);
    expect([call.modes, call.onAir('a')]).toEqual([['sfu', 'mesh'], ['sfu']]);
    call.stand('mesh', 'a');
    await pass(1_000);
    expect([call.onAir('a'), call.onAir('b')]).toEqual([['mesh'], ['sfu']]);
    call.stand('mesh', 'b');
    await pass(700);
    expect(call.modes).toEqual(['mesh']);
    expect(call.of('handed-over')).toMatchObject([{ from: 'sfu', to: 'mesh', generation: 2 }]);
    call.close();
  });

  it('and a room too large for a mesh keeps some, by voice', () => {
    const tracks = { ...NO_TRACKS, microphone: {}, camera: {}, screen: {} } as LocalTracks;
    const call = FakeCall.among('sfu', 'a', 'b', 'c');
    call.session.publish(tracks);
    call.commit('mesh', 2, { core: [SELF, 'a'] });
    expect([...call.engine('mesh').members.keys()]).toEqual(['a']);
    expect(call.engine('mesh').published).toEqual({ ...NO_TRACKS, microphone: tracks.microphone });
    expect(call.engine('sfu').published).toBe(tracks);
    call.session.addMember(member('d'));
    call.commit('mesh', 2, { core: [SELF, 'b', 'd'] });
    expect([...call.engine('mesh').members.keys()].sort()).toEqual(['b', 'd']);
    call.commit('mesh', 2, { core: ['b', 'd'] });
    expect([...call.engine('mesh').members.keys()]).toEqual([]);
    call.commit('mesh', 2);
    expect([...call.engine('mesh').members.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(call.engine('mesh').published).toBe(tracks);
    call.close();
  });
});
