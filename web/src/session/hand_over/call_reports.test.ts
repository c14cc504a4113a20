import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../../signaling/testing/messages';
import type { MediaNotice } from '../media_session';
import { FakeStream } from '../testing/fake_stream';
import { FakeCall, pass, preparing } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('what is told', () => {
  it('of a member is what the better of two ways is', async () => {
    const call = await preparing();
    const phases = () => call.of('phase').flatMap((one) => (one.memberId === 'a' ? one.phase : []));
    expect(phases()).toEqual(['active']);
    call.engine('mesh').enter('a', 'reconnecting');
    expect(phases()).toEqual(['active']);
    call.engine('sfu').enter('a', 'connecting');
    expect(phases()).toEqual(['active', 'reconnecting']);
    call.close();
  });

  it('does not count ways that are only kept ready', () => {
    const call = FakeCall.among('mesh', 'a');
    call.commit('mesh', 1, { prewarm: true });
    call.engine('sfu').enter('a', 'channel-open');
    call.engine('mesh').enter('a', 'failed');
    expect(call.of('phase').at(-1)?.phase).toBe('failed');
    call.close();
  });

  it('are figures, levels and what is published by the engine on air', async () => {
    const call = await preparing();
    const published = { audio: true, video: true, screen: false };
    const word = { type: 'published', memberId: 'a', published, byServer: true } as const;
    const levels = { type: 'levels', levels: new Map([['a', 0.5]]) } as const;
    call.engine('sfu').say(word);
    call.engine('sfu').say(levels);
    expect([call.of('published'), call.of('levels')]).toEqual([[], []]);
    call.engine('mesh').say(levels);
    expect(call.of('levels')).toEqual([levels]);
    await call.shows('sfu', 'a');
    expect(call.of('published')).toEqual([word]);
    call.engine('mesh').say(levels);
    call.engine('sfu').say(word);
    expect([call.of('published'), call.of('levels')]).toEqual([[word], [levels]]);
    call.commit('mesh', 3);
    await call.shows('mesh', 'a');
    expect(call.of('published').at(-1)).toMatchObject({ published: null, byServer: false });
    call.close();
  });

  it('is how our own way in the mode in force stands', async () => {
    const call = await preparing();
    call.engine('sfu').feel('failed');
    expect(call.of('way').map(({ mode, health }) => `${mode} ${health}`)).toEqual([
      'mesh opening',
      'mesh ready',
    ]);
    call.commit('sfu', 2);
    expect(call.of('way').at(-1)).toEqual({ type: 'way', mode: 'sfu', health: 'failed' });
    call.close();
  });

  it('is that somebody has not come back, once', () => {
    const call = FakeCall.among('sfu', 'a', 'b');
    call.session.setMembers([member('a')], true);
    expect(call.engine('sfu').calls.at(-1)).toBe('members a partial');
    call.prepare('mesh', 2);
    expect(call.engine('mesh').calls.slice(-2)).toEqual(['members a,b', 'members a partial']);
    call.engine('sfu').say({ type: 'removed', memberId: 'b' });
    call.engine('mesh').say({ type: 'removed', memberId: 'b' });
    expect(call.of('removed')).toEqual([{ type: 'removed', memberId: 'b' }]);
    expect(call.engine('mesh').members.has('b')).toBe(false);
    call.close();
  });

  it('goes to the engine it is for', () => {
    const call = FakeCall.among('mesh', 'a');
    call.session.setShownHeight('a', 'camera', 300);
    call.prepare('sfu', 2);
    call.session.receive({ type: 'offer', from: 'a', payload: null });
    call.session.hear({ type: 'router-lost' } as MediaNotice);
    expect(call.engine('mesh').calls).toContain('signal');
    expect(call.engine('mesh').calls).not.toContain('notice');
    expect(call.engine('sfu').calls).toContain('notice');
    expect(call.engine('sfu').calls).not.toContain('signal');
    expect(call.engine('sfu').calls).toContain('height a camera 300');
    call.close();
  });
});

describe('messages', () => {
  it('go by the engine whose channel is open, and come by either', () => {
    const call = FakeCall.among('mesh', 'a');
    call.engine('mesh').say({ type: 'channel', memberId: 'a', isOpen: true });
    const asked = call.engine('mesh').sent.length;
    expect(asked).toBeGreaterThan(0);
    call.prepare('sfu', 2);
    call.engine('sfu').say({ type: 'channel', memberId: 'a', isOpen: true });
    expect(call.engine('sfu').sent.length).toBeGreaterThan(0);
    expect(call.engine('sfu').sent[0]?.[1].to).toBe('a');
    call.close();
  });
});

describe('closing', () => {
  it('takes everything with it, once, and silences all', async () => {
    const call = await preparing();
    const said = call.events.length;
    call.close();
    call.close();
    expect(call.open).toEqual([]);
    expect(call.clocks.size + call.watched.size).toBe(0);
    expect(call.events.length).toBe(said);
    call.commit('sfu', 2);
    call.session.addMember(member('z'));
    call.session.setMembers([], false);
    await pass(10_000);
    expect(call.all).toHaveLength(2);
    expect(call.events.length).toBe(said);
    expect(vi.getTimerCount()).toBe(0);
  });
});
