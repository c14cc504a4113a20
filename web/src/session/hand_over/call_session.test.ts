import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../../signaling/testing/messages';
import { FakeStream } from '../testing/fake_stream';
import { STEADY_MS } from './way';
import { FakeCall, pass, preparing } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const READY = { type: 'hand-over-ready', generation: 2 };

describe('entering', () => {
  it('begins when it is known who is here', () => {
    const call = new FakeCall();
    call.commit('mesh', 3);
    expect(call.open).toEqual([]);
    call.enter('a');
    expect([...call.engine('mesh').members.keys()]).toEqual(['a']);
    expect(call.told).toEqual([]);
    call.engine('mesh').feel('ready');
    expect(call.told).toEqual([]);
    call.close();
  });
});

describe('a hand-over', () => {
  it('shows each by the new way from its first frame on, in the same stream', async () => {
    const call = await preparing();
    const before = call.stream('a');
    await pass(200);
    expect([call.onAir('a'), call.onAir('b')]).toEqual([['mesh'], ['mesh']]);
    await call.shows('sfu', 'a');
    expect([call.onAir('a'), call.onAir('b')]).toEqual([['sfu'], ['mesh']]);
    expect([call.heardBy('a'), call.heardBy('b')]).toEqual([['sfu'], ['mesh']]);
    expect(call.stream('a')).toBe(before);
    expect(before?.getTracks().map(({ kind }) => kind)).toEqual(['audio', 'video']);
    expect(call.told).toEqual([]);
    await call.shows('sfu', 'b');
    expect(call.told).toEqual([READY]);
    call.close();
  });

  it('closes the old way after the decision, and after the change', async () => {
    const call = await preparing();
    await call.shows('sfu', 'a');
    await call.shows('sfu', 'b');
    await pass(4_000);
    expect(call.modes).toEqual(['mesh', 'sfu']);
    call.commit('sfu', 2);
    expect(call.session.mode).toBe('sfu');
    await pass(400);
    expect(call.modes).toEqual(['mesh', 'sfu']);
    await pass(200);
    expect(call.modes).toEqual(['sfu']);
    expect(call.onAir('a')).toEqual(['sfu']);
    expect(call.of('handed-over')).toEqual([
      { type: 'handed-over', from: 'mesh', to: 'sfu', generation: 2, gap: 0, took: 600 },
    ]);
    expect(call.clocks.size + call.watched.size).toBe(0);
    call.close();
  });

  it('measures for how long the worst picture stood still', async () => {
    const call = await preparing();
    call.isMoving = false;
    await pass(120);
    await call.shows('sfu', 'a');
    await call.shows('sfu', 'b');
    await pass(60);
    call.isMoving = true;
    call.commit('sfu', 2);
    await pass(1_000);
    expect(call.of('handed-over')[0]?.gap).toBeGreaterThanOrEqual(100);
    call.close();
  });

  it('waits for those who come late, and for no longer than six seconds', async () => {
    const call = await preparing();
    await call.shows('sfu', 'a');
    await pass(2_500);
    expect(call.told).toEqual([READY]);
    call.commit('sfu', 2);
    await pass(2_000);
    expect([call.modes, call.onAir('b')]).toEqual([['mesh', 'sfu'], ['mesh']]);
    await call.shows('sfu', 'b');
    expect(call.onAir('b')).toEqual(['sfu']);
    await pass(600);
    expect(call.modes).toEqual(['sfu']);
    const later = await preparing();
    later.commit('sfu', 2);
    await pass(5_900);
    expect([later.modes, later.onAir('a')]).toEqual([['mesh', 'sfu'], ['mesh']]);
    await pass(200);
    expect([later.modes, later.onAir('a'), later.heardBy('a')]).toEqual([
      ['sfu'],
      ['sfu'],
      ['sfu'],
    ]);
    call.close();
    later.close();
  });

  it('that is called off goes back picture by picture, and is not reported', async () => {
    const call = await preparing();
    await call.shows('sfu', 'a');
    expect(call.heardBy('a')).toEqual(['sfu']);
    call.commit('mesh', 3);
    expect([call.modes, call.onAir('a'), call.onAir('b')]).toEqual([
      ['mesh', 'sfu'],
      ['sfu'],
      ['mesh'],
    ]);
    await call.shows('mesh', 'a');
    expect([call.onAir('a'), call.heardBy('a')]).toEqual([['mesh'], ['mesh']]);
    await pass(600);
    expect(call.modes).toEqual(['mesh']);
    await pass(10_000);
    expect(call.of('handed-over')).toEqual([]);
    expect(call.clocks.size + call.watched.size).toBe(0);
    call.close();
  });

  it('that is called off shows who entered meanwhile until the old way does', async () => {
    const call = await preparing();
    call.session.addMember(member('c'));
    call.stand('sfu', 'c');
    expect(call.onAir('c')).toEqual(['sfu']);
    call.commit('mesh', 3);
    await pass(3_000);
    expect([call.onAir('c'), call.heardBy('c'), call.engine('sfu').isLive]).toEqual([
      ['sfu'],
      ['sfu'],
      true,
    ]);
    call.stand('mesh', 'c');
    await call.shows('mesh', 'c');
    expect([call.onAir('c'), call.heardBy('c')]).toEqual([['mesh'], ['mesh']]);
    await pass(600);
    expect(call.modes).toEqual(['mesh']);
    call.close();
  });

  it('does not wait for pictures that stand still or that nobody looks at', async () => {
    const still = await preparing();
    still.isMoving = false;
    await pass(900);
    expect(still.onAir('a')).toEqual(['mesh']);
    await pass(300);
    expect(still.onAir('a')).toEqual(['sfu']);
    still.close();
    const unseen = FakeCall.among('mesh', 'a');
    unseen.session.setShownHeight('a', 'camera', 0);
    unseen.prepare('sfu', 2);
    unseen.stand('sfu', 'a');
    await pass(STEADY_MS + 100);
    expect(unseen.onAir('a')).toEqual(['sfu']);
    unseen.close();
  });

  it('leaves nobody who is heard for a way that is not there', async () => {
    const call = FakeCall.among('mesh');
    call.session.addMember(member('a'));
    call.engine('mesh').enter('a', 'active');
    call.engine('mesh').bring('a', ['audio']);
    call.prepare('sfu', 2);
    await pass(1_000);
    expect(call.onAir('a')).toEqual(['mesh']);
    call.engine('sfu').enter('a', 'connected');
    await pass(500);
    expect(call.heardBy('a')).toEqual(['mesh']);
    call.engine('sfu').bring('a', ['audio']);
    await pass(STEADY_MS - 100);
    expect(call.heardBy('a')).toEqual(['mesh']);
    await pass(200);
    expect([call.onAir('a'), call.heardBy('a')]).toEqual([['sfu'], ['sfu']]);
    call.close();
  });

  it('changes a screen together with the face', async () => {
    const call = FakeCall.among('mesh', 'a');
    call.engine('mesh').bring('a', ['video', 'audio'], 'screen');
    call.prepare('sfu', 2);
    call.stand('sfu', 'a');
    const [, sound] = call.engine('sfu').bring('a', ['video', 'audio'], 'screen');
    await call.shows('sfu', 'a');
    expect([call.onAir('a'), call.onAir('a', 'screen')]).toEqual([['mesh'], ['mesh']]);
    expect(sound?.enabled).toBe(false);
    await call.shows('sfu', 'a', 'screen');
    expect([call.onAir('a'), call.onAir('a', 'screen')]).toEqual([['sfu'], ['sfu']]);
    expect(sound?.enabled).toBe(true);
    call.close();
  });

  it('goes on when somebody leaves in the middle', async () => {
    const call = await preparing();
    await call.shows('sfu', 'a');
    expect(call.told).toEqual([]);
    call.session.removeMember('b');
    expect(call.told).toEqual([READY]);
    expect(call.watched.size).toBe(0);
    call.close();
  });

  it('tells the old way of nobody new, until it stays after all', async () => {
    const call = await preparing();
    call.session.addMember(member('c'));
    call.session.addMember(member('a', { instance: 'another page' }));
    expect(call.engine('sfu').calls).toContain('add c');
    expect(call.engine('mesh').calls.filter((one) => one.startsWith('add'))).toEqual([]);
    call.commit('mesh', 3);
    expect(call.engine('mesh').calls.slice(-2)).toEqual(['add a', 'add c']);
    call.close();
  });

  it('takes a way that was kept ready for silent until it has had its chance', async () => {
    const call = FakeCall.among('mesh', 'a');
    call.engine('mesh').bring('a', ['audio']);
    call.commit('mesh', 1, { prewarm: true });
    call.engine('sfu').enter('a', 'channel-open');
    await pass(5_000);
    call.prepare('sfu', 2);
    await pass(500);
    expect(call.heardBy('a')).toEqual(['mesh']);
    call.engine('sfu').bring('a', ['audio']);
    await pass(STEADY_MS + 100);
    expect(call.heardBy('a')).toEqual(['sfu']);
    call.close();
  });

  it('waits for no sound of whom the server knows to be muted', () => {
    const call = FakeCall.among('mesh', 'a');
    call.engine('mesh').bring('a', ['audio']);
    call.prepare('sfu', 2);
    call.engine('sfu').enter('a', 'connected');
    const [sound] = call.engine('sfu').bring('a', ['audio'], 'camera', true);
    expect([call.onAir('a'), sound?.enabled]).toEqual([['mesh'], false]);
    const published = { audio: false, video: false, screen: false };
    call.engine('sfu').say({ type: 'published', memberId: 'a', published, byServer: true });
    expect([call.onAir('a'), sound?.enabled]).toEqual([['sfu'], true]);
    call.close();
  });

  it('does not wait for a picture at which nobody looks any more', async () => {
    const call = FakeCall.among('mesh', 'a');
    call.prepare('sfu', 2);
    call.stand('sfu', 'a');
    call.engine('sfu').feel('ready');
    await pass(STEADY_MS + 100);
    expect([call.onAir('a'), call.told]).toEqual([['mesh'], []]);
    call.session.setShownHeight('a', 'camera', 0);
    expect([call.onAir('a'), call.told]).toEqual([['sfu'], [READY]]);
    call.close();
  });

  it('may begin from an engine that was kept ready', async () => {
    const call = FakeCall.among('mesh', 'a');
    call.commit('mesh', 1, { prewarm: true });
    const prewarmed = call.engine('sfu');
    expect(prewarmed.isLive).toBe(false);
    prewarmed.enter('a', 'channel-open');
    prewarmed.feel('ready');
    expect(call.told).toEqual([{ type: 'report-sfu', reachable: true }]);
    call.prepare('sfu', 2);
    expect(call.engine('sfu')).toBe(prewarmed);
    expect(prewarmed.isLive).toBe(true);
    call.stand('sfu', 'a');
    await call.shows('sfu', 'a');
    expect(call.onAir('a')).toEqual(['sfu']);
    call.commit('mesh', 3, { prewarm: true });
    await call.shows('mesh', 'a');
    await pass(600);
    expect([call.onAir('a'), prewarmed.isLive, prewarmed.isClosed]).toEqual([
      ['mesh'],
      false,
      false,
    ]);
    call.close();
  });
});
