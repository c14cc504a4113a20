import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { member } from '../signaling/testing/messages';
import {
  couple,
  FakeCall,
  pass,
  phasesOf,
  publishedOf,
  speaking,
  track,
} from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('two members', () => {
  it('publish what they have, and receive each other', async () => {
    const { sfu, a, b } = await couple();
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumersOf('a').map(({ paused }) => paused)).toEqual([false, false]);
    expect(phasesOf(a)).toEqual({ b: 'active' });
    expect(phasesOf(b)).toEqual({ a: 'active' });
    expect(publishedOf(b)['a']).toMatchObject({ audio: true, video: true, screen: false });
    const streams = b.events.flatMap((event) =>
      event.type === 'stream' && event.source === 'camera' ? [event.stream] : [],
    );
    expect(streams.at(-1)?.getTracks()).toHaveLength(2);
  });

  it('go through the states in order', async () => {
    const { b } = await couple();
    const phases = b.events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
    expect(phases[0]).toBe('connecting');
    expect(phases).toContain('negotiating');
    expect(phases.at(-1)).toBe('active');
  });

  it('ask once, though entering a room and its signaling being there are two things', async () => {
    const call = new FakeCall();
    call.enter('a', speaking()).session.signalingRestored();
    await pass(1_000);
    expect(call.sfu.types('a').filter((type) => type === 'enter-sfu')).toHaveLength(1);
  });

  it('open both transports at once, before anything is published', async () => {
    const { sfu } = await couple();
    expect(sfu.types('a').slice(0, 3)).toEqual(['enter-sfu', 'open-transport', 'open-transport']);
  });

  it('let go of everything when one leaves', async () => {
    const { call, sfu, a } = await couple();
    call.leave('b');
    await pass(1_000);
    expect(phasesOf(a)['b']).toBe('disconnected');
    expect(sfu.consumersOf('a')).toEqual([]);
    expect([...sfu.transports.values()].map(({ owner }) => owner)).toEqual(['a', 'a']);
  });
});

describe('what we send', () => {
  it('is paused, not closed, when the microphone is muted', async () => {
    const { sfu, a, b, ofA } = await couple();
    ofA.microphone!.enabled = false;
    a.session.publish(ofA);
    await pass(200);
    expect(sfu.sourcesOf('a')).toEqual(['microphone (paused)', 'camera']);
    expect(publishedOf(b)['a']).toMatchObject({ audio: false });
    ofA.microphone!.enabled = true;
    a.session.publish(ofA);
    await pass(200);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.types('a').filter((type) => type === 'produce')).toHaveLength(2);
  });

  it('is the same producer when the camera was off in between', async () => {
    const { sfu, a, b, ofA } = await couple();
    a.session.publish({ ...ofA, camera: null });
    await pass(200);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera (paused)']);
    expect(publishedOf(b)['a']).toMatchObject({ video: false });
    a.session.publish({ ...ofA, camera: track('video') });
    await pass(200);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.types('a').filter((type) => type === 'produce')).toHaveLength(2);
  });

  it('never stops or mutes a track, which are the devices’ to keep', async () => {
    const { call, ofA, ofB, a } = await couple();
    a.session.setLive(false);
    await pass(200);
    call.closeAll();
    await pass(200);
    for (const one of [ofA.microphone, ofA.camera, ofB.microphone]) {
      expect(one).toMatchObject({ readyState: 'live', enabled: true });
    }
  });

  it('is a screen only as long as it is shared', async () => {
    const { sfu, a, b, ofA } = await couple();
    a.session.publish({ ...ofA, screen: track('video'), screenAudio: track('audio') });
    await pass(300);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera', 'screen-audio', 'screen']);
    expect(publishedOf(b)['a']).toMatchObject({ screen: true });
    a.session.publish(ofA);
    await pass(300);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    const streams = b.events.filter((one) => one.type === 'stream' && one.source === 'screen');
    expect(streams.at(-1)).toMatchObject({ stream: null });
  });

  it('is published again when the server refuses it at first', async () => {
    const call = new FakeCall();
    let refusals = 3;
    call.sfu.refuses = ({ type }) => {
      if (type !== 'produce' || refusals === 0) return null;
      refusals -= 1;
      return 'media-refused';
    };
    call.enter('a', speaking());
    await pass(5_000);
    expect(call.sfu.sourcesOf('a').sort()).toEqual(['camera', 'microphone']);
  });
});

describe('what is not looked at', () => {
  it('is paused on the server, and small where it is shown small', async () => {
    const { sfu, a } = await couple();
    const picture = () => sfu.consumersOf('a').find(({ layer }) => layer !== null);
    expect(picture()).toMatchObject({ paused: false, layer: 2 });
    a.session.setShownHeight('b', 'camera', 120);
    await pass(100);
    expect(picture()).toMatchObject({ paused: false, layer: 0 });
    a.session.setShownHeight('b', 'camera', 0);
    await pass(100);
    expect(picture()).toMatchObject({ paused: true });
    a.session.setShownHeight('b', 'camera', 400);
    await pass(100);
    expect(picture()).toMatchObject({ paused: false, layer: 1 });
    expect(sfu.consumersOf('a').filter(({ paused }) => paused)).toEqual([]);
  });

  it('costs one question for many changes', async () => {
    const { sfu, a } = await couple();
    const before = sfu.asked.length;
    for (let height = 1; height < 200; height += 1) a.session.setShownHeight('b', 'camera', height);
    await pass(500);
    expect(sfu.asked.length - before).toBeLessThanOrEqual(2);
  });
});

describe('signaling that starts over', () => {
  it('keeps the transports the server still knows', async () => {
    const { sfu, a } = await couple();
    const before = [...sfu.transports.keys()];
    a.session.setMembers([member('b')], true);
    a.session.signalingRestored();
    await pass(1_000);
    expect([...sfu.transports.keys()]).toEqual(before);
    expect(sfu.types('a').filter((type) => type === 'produce')).toHaveLength(2);
    expect(phasesOf(a)).toEqual({ b: 'active' });
  });

  it('opens others in place of those it does not', async () => {
    const { sfu, a } = await couple();
    for (const id of [...sfu.transports.keys()].slice(0, 2)) sfu.closeTransport(id, null);
    a.session.signalingRestored();
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    expect(sfu.consumersOf('a')).toHaveLength(2);
    expect(phasesOf(a)).toEqual({ b: 'active' });
  });

  it('closes what an earlier load of the page has left', async () => {
    const { call, sfu } = await couple();
    sfu.transports.set('old', { owner: 'c', direction: 'send' });
    call.enter('c', speaking());
    await pass(1_000);
    expect(sfu.transports.has('old')).toBe(false);
    expect(sfu.transports.size).toBe(6);
  });

  it('closes a producer of ours of which we have never heard', async () => {
    const { sfu, a } = await couple();
    const transportId = String(sfu.transportOf('a', 'send'));
    const ghost = { id: 'ghost', memberId: 'a', kind: 'video', source: 'camera' } as const;
    sfu.producers.set('ghost', { ...ghost, paused: false, transportId });
    a.session.signalingRestored();
    await pass(1_000);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
  });

  it('lets go of whom a reopened room has not seen for long', async () => {
    const { sfu, a } = await couple();
    a.session.setMembers([], true);
    await pass(20_000);
    expect(sfu.consumersOf('a')).toHaveLength(2);
    await pass(15_000);
    expect(a.events).toContainEqual({ type: 'removed', memberId: 'b' });
    expect(sfu.consumersOf('a')).toEqual([]);
  });
});

describe('a closed session', () => {
  it('does and says nothing any more', async () => {
    const { call, a } = await couple();
    call.leave('a');
    const said = a.events.length;
    const asked = call.sfu.asked.length;
    a.session.close();
    a.session.signalingRestored();
    a.session.reconnect();
    a.session.setMembers([member('b')], false);
    a.session.publish(speaking());
    a.session.setLive(false);
    expect(a.session.send('x', { to: null, lossy: false })).toBe(false);
    a.session.hear({ type: 'router-lost', roomId: 'r1', routerId: 'x' });
    await pass(20_000);
    expect(a.events.length).toBe(said);
    expect(call.sfu.asked.slice(asked).filter(({ by }) => by === 'a')).toEqual([]);
  });

  it('may close while anything is on its way', async () => {
    for (let after = 0; after < 400; after += 7) {
      const call = new FakeCall();
      call.enter('b', speaking());
      call.enter('a', speaking());
      await pass(after);
      call.closeAll();
      await pass(20_000);
      expect(call.sfu.transports.size).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }
  }, 60_000);
});
