import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { couple, healthsOf, pass, phasesOf, publishedOf, type Person } from './testing/fake_call';
import { moveRouter } from './testing/fake_move';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const openOf = ({ connections }: Person) =>
  [...connections.values()].filter(({ isClosed }) => !isClosed);

const tracksOf = ({ events }: Person) =>
  events
    .flatMap((event) => (event.type === 'stream' ? [event.stream?.getTracks() ?? []] : []))
    .at(-1) ?? [];

describe('a room that moves to another router', () => {
  it('is in both until everything comes by the next, and nobody notices', async () => {
    const { sfu, a, b } = await couple();
    const before = [a, b].map(({ events }) => events.length);
    const [transports, tracks] = [[...sfu.transports.keys()], tracksOf(a)];
    const { endBefore } = moveRouter(sfu);
    await pass(30);
    expect([openOf(a).length, openOf(b).length], 'the old ones stay').toEqual([2, 2]);
    await pass(2_000);
    const sending = (id: string) =>
      [...sfu.transports].filter(([, one]) => one.owner === id && one.direction === 'send').length;
    expect([sending('a'), sending('b')], 'others may receive it there still').toEqual([2, 2]);
    const received = transports.filter((id) => sfu.transports.get(id)?.direction === 'recv');
    expect(received, 'nothing is received there any more').toEqual([]);
    endBefore();
    await pass(6_000);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
    expect(tracksOf(a)).toHaveLength(2);
    expect(tracksOf(a).some((track) => tracks.includes(track))).toBe(false);
    expect(sfu.sourcesOf('a')).toEqual(['microphone', 'camera']);
    for (const [index, { events }] of [a, b].entries()) {
      const since = events.slice(before[index]);
      const kinds = since.map(({ type }) => type);
      expect(
        kinds.filter((kind) => kind !== 'stream' && kind !== 'levels' && kind !== 'statistics'),
      ).toEqual([]);
      expect(since).not.toContainEqual(expect.objectContaining({ type: 'stream', stream: null }));
    }
    expect(healthsOf(a)).toEqual(['ready']);
  });

  it('takes words along: none is lost, whoever has gone over first', async () => {
    const { sfu, a, b } = await couple();
    const said: string[] = [];
    const { endBefore } = moveRouter(sfu);
    for (let number = 0; number < 20; number += 1) {
      const text = `word ${number}`;
      said.push(text);
      expect(a.session.send(text, { to: null, lossy: false })).toBe(true);
      await pass(100);
    }
    endBefore();
    await pass(1_000);
    const heard = b.events.flatMap((event) => (event.type === 'data' ? [event.text] : []));
    expect([...new Set(heard)]).toEqual(said);
  });

  it('is muted in both', async () => {
    const { sfu, a, b, ofA } = await couple();
    moveRouter(sfu);
    await pass(400);
    if (ofA.microphone) ofA.microphone.enabled = false;
    a.session.publish({ ...ofA });
    await pass(1_000);
    const voices = [...sfu.producers.values()].filter(
      ({ memberId, source }) => memberId === 'a' && source === 'microphone',
    );
    expect(voices.map(({ paused }) => paused)).toEqual([true, true]);
    await pass(10_000);
    expect(publishedOf(b)['a']).toMatchObject({ audio: false, video: true });
  });

  it('leaves the router of before by itself when the server never ends it', async () => {
    const { sfu, a, b } = await couple();
    moveRouter(sfu);
    await pass(20_000);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
    expect(sfu.transports.size).toBe(4);
  });

  it('may lose the next router on the way', async () => {
    const { sfu, a, b } = await couple();
    moveRouter(sfu);
    await pass(100);
    sfu.loseRouter();
    await pass(20_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
  });

  it('may lose the router of before before the next is entered', async () => {
    const { sfu, a, b } = await couple();
    const { endBefore } = moveRouter(sfu);
    endBefore();
    await pass(5_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    await pass(6_000);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
  });

  it('may move again at once', async () => {
    const { sfu, a, b } = await couple();
    moveRouter(sfu);
    await pass(200);
    moveRouter(sfu);
    await pass(30_000);
    expect([phasesOf(a), phasesOf(b)]).toEqual([{ b: 'active' }, { a: 'active' }]);
    expect([openOf(a).length, openOf(b).length]).toEqual([2, 2]);
  });

  it('is news only to who is in that router', async () => {
    const { sfu, a } = await couple();
    const asked = sfu.types('a').length;
    a.session.hear({ type: 'router-moved', roomId: 'r1', routerId: 'another', seconds: 10 });
    await pass(1_000);
    expect(sfu.types('a').slice(asked)).toEqual([]);
  });
});
