import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { NO_TRACKS, type LocalTracks } from '../session/media_session';
import { FakeStream } from '../session/testing/fake_stream';
import {
  channelsOf,
  FakeCall,
  healthsOf,
  pass,
  phasesOf,
  resize,
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

describe('whatever happens, in whatever order', () => {
  const people = ['a', 'b', 'c'] as const;
  const who = fc.constantFrom(...people);
  const event = fc.oneof(
    fc.record({ type: fc.constant('come-or-go' as const), who }),
    fc.record({ type: fc.constant('camera' as const), who, on: fc.boolean() }),
    fc.record({ type: fc.constant('mute' as const), who, on: fc.boolean() }),
    fc.record({ type: fc.constant('live' as const), who, on: fc.boolean() }),
    fc.record({ type: fc.constant('size' as const), who, lines: fc.constantFrom(120, 360, 720) }),
    fc.record({ type: fc.constant('slow' as const), at: fc.nat(9) }),
    fc.record({ type: fc.constant('screen' as const), who, on: fc.boolean() }),
    fc.record({ type: fc.constant('look' as const), who, height: fc.constantFrom(0, 100, 700) }),
    fc.record({ type: fc.constant('lose-router' as const) }),
    fc.record({ type: fc.constant('close-transport' as const), at: fc.nat(9) }),
    fc.record({ type: fc.constant('close-producer' as const), at: fc.nat(9) }),
    fc.record({ type: fc.constant('cut' as const), at: fc.nat(9) }),
    fc.record({ type: fc.constant('restored' as const), who }),
    fc.record({ type: fc.constant('reconnect' as const), who }),
    fc.record({ type: fc.constant('network' as const), who }),
    fc.record({
      type: fc.constant('refuse' as const),
      every: fc.integer({ min: 2, max: 6 }),
      how: fc.constantFrom('media-refused' as const, 'lost' as const),
    }),
  );
  type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;
  const steps = fc.array(fc.tuple(event, fc.constantFrom(0, 1, 12, 35, 300, 2_500)), {
    maxLength: 25,
  });

  type Happen = { readonly [T in Event['type']]: (one: EventOf<T>, call: FakeCall) => void };
  type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

  const at = <T>(all: Iterable<T>, index: number): T | undefined => [...all][index];
  /** What everybody wishes to send, and who wishes to at all. */
  const published = new Map<string, LocalTracks>();
  const live = new Map<string, boolean>();
  const publish = (call: FakeCall, id: string, change: Partial<LocalTracks> = {}) => {
    const tracks = { ...NO_TRACKS, ...published.get(id), ...change };
    published.set(id, tracks);
    call.people.get(id)?.session.publish(tracks);
  };
  const enter = (call: FakeCall, id: string) => {
    const tracks = speaking();
    published.set(id, tracks);
    live.set(id, true);
    call.enter(id, tracks);
  };

  const HAPPEN: Happen = {
    'come-or-go': (one, call) => {
      if (call.people.has(one.who)) call.leave(one.who);
      else enter(call, one.who);
    },
    camera: (one, call) => publish(call, one.who, { camera: one.on ? track('video') : null }),
    screen: (one, call) => publish(call, one.who, { screen: one.on ? track('video') : null }),
    mute: (one, call) => {
      const microphone = published.get(one.who)?.microphone;
      if (microphone) microphone.enabled = one.on;
      publish(call, one.who);
    },
    live: (one, call) => {
      live.set(one.who, one.on);
      call.people.get(one.who)?.session.setLive(one.on);
    },
    size: (one, call) => {
      const camera = published.get(one.who)?.camera;
      if (camera) resize(camera, { height: one.lines });
      publish(call, one.who);
    },
    slow: (one, { sfu }) => sfu.closeDataConsumer(at(sfu.dataConsumers.keys(), one.at) ?? ''),
    look: (one, call) => {
      const session = call.people.get(one.who)?.session;
      for (const id of people) session?.setShownHeight(id, 'camera', one.height);
    },
    'lose-router': (_one, { sfu }) => sfu.loseRouter(),
    'close-transport': (one, { sfu }) =>
      sfu.closeTransport(at(sfu.transports.keys(), one.at) ?? ''),
    'close-producer': (one, { sfu }) => sfu.close(at(sfu.producers.keys(), one.at) ?? ''),
    cut: (one, { sfu }) => sfu.setState(at(sfu.transports.keys(), one.at), 'failed'),
    restored: (one, call) => call.people.get(one.who)?.session.signalingRestored(),
    reconnect: (one, call) => call.people.get(one.who)?.session.reconnect(),
    network: (one, call) => call.people.get(one.who)?.changeNetwork(),
    refuse: (one, { sfu }) => {
      // Nobody refuses to close what is there.
      sfu.refuses = ({ type }) =>
        !type.startsWith('close') && sfu.asked.length % one.every === 0 ? one.how : null;
    },
  };

  function happen(call: FakeCall, one: Event): void {
    // A row for every event: the only place where one meets its row.
    (HAPPEN[one.type] as (event: Event, where: FakeCall) => void)(one, call);
  }

  function sourcesOf({ microphone, camera, screen }: LocalTracks = NO_TRACKS): string[] {
    const voice = microphone?.enabled === false ? 'microphone (paused)' : 'microphone';
    return [
      ...(camera ? ['camera'] : []),
      ...(microphone ? [voice] : []),
      ...(screen ? ['screen'] : []),
    ];
  }

  /** A camera that is off may have left a producer, which carries nothing. */
  function sourcesThere({ sfu }: FakeCall, id: string): string[] {
    const isLeft = (source: string) =>
      source === 'camera (paused)' && published.get(id)?.camera === null && live.get(id) === true;
    return sfu
      .sourcesOf(id)
      .filter((source) => !isLeft(source))
      .sort();
  }

  /** What has to be so when everything has come to rest. */
  function expectInOrder(call: FakeCall): void {
    const { sfu, people: here } = call;
    for (const [id, person] of here) {
      const others = [...here.keys()].filter((one) => one !== id).sort();
      const isLive = live.get(id) === true;
      const wanted = isLive
        ? [...sfu.producers.values()].filter(({ memberId }) => memberId !== id)
        : [];
      const consumed = sfu.consumersOf(id).map(({ producerId }) => producerId);
      expect(consumed.sort()).toEqual(wanted.map((one) => one.id).sort());
      expect(sourcesThere(call, id)).toEqual(isLive ? sourcesOf(published.get(id)) : []);
      const heard = [...sfu.dataConsumers.values()].filter(({ owner }) => owner === id);
      expect(heard).toHaveLength(2 * others.length);
      expect(heard.every(({ waiting }) => waiting === null)).toBe(true);
      expect(channelsOf(person)).toEqual(others);
      expect(healthsOf(person).at(-1)).toBe('ready');
      const open = [...person.connections.values()].filter(({ isClosed }) => !isClosed);
      const there = [...sfu.transports].filter(([, { owner }]) => owner === id);
      expect(open.map(({ transportId }) => transportId).sort()).toEqual(
        there.map(([transportId]) => transportId).sort(),
      );
      expect(there).toHaveLength(2);
      for (const phase of Object.values(phasesOf(person))) {
        expect(['active', 'channel-open', 'connected', 'disconnected']).toContain(phase);
      }
    }
  }

  it('comes right in the end, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (happenings) => {
        vi.clearAllTimers();
        const call = new FakeCall();
        published.clear();
        enter(call, 'a');
        enter(call, 'b');
        for (const [one, then] of happenings) {
          happen(call, one);
          await pass(then);
        }
        call.sfu.refuses = () => null;
        await pass(15_000);
        // Who loses a producer alone, and silently, learns of it when it asks again.
        for (const { session } of call.people.values()) session.signalingRestored();
        await pass(45_000);
        expectInOrder(call);
        const everybody = [...call.people.values()];
        call.closeAll();
        await pass(20_000);
        expect(call.sfu.transports.size + call.sfu.consumers.size).toBe(0);
        for (const { connections } of everybody) {
          for (const { isClosed } of connections.values()) expect(isClosed).toBe(true);
        }
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});
