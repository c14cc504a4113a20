import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../../signaling/testing/messages';
import type { Mode } from '../media_session';
import { FakeStream } from '../testing/fake_stream';
import { courseOf, FakeCall, pass } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const PEOPLE = ['a', 'b', 'c'] as const;
const who = fc.constantFrom(...PEOPLE);
const mode = fc.constantFrom<Mode>('mesh', 'sfu');
const prewarm = fc.boolean();

/** What the server says comes in order here; `crossing_model` has the disorder. */
const happening = fc.oneof(
  fc.record({ type: fc.constant('prepare' as const), mode }),
  fc.record({ type: fc.constant('decide' as const), mode, prewarm }),
  fc.record({ type: fc.constant('come-or-go' as const), who }),
  fc.record({ type: fc.constant('stand' as const), mode, who }),
  fc.record({ type: fc.constant('break' as const), mode, who }),
  fc.record({ type: fc.constant('vanish' as const), mode, who }),
  fc.record({ type: fc.constant('decode' as const), mode, who }),
  fc.record({ type: fc.constant('look' as const), who, height: fc.constantFrom(0, 300) }),
  fc.record({ type: fc.constant('health' as const), mode, isReady: fc.boolean() }),
  fc.record({ type: fc.constant('still' as const), isMoving: fc.boolean() }),
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;
type Happen = { readonly [T in Happening['type']]: (one: Of<T>, room: Room) => void };
type Of<T extends Happening['type']> = Extract<Happening, { type: T }>;

/** A call, and the server's side of it. */
class Room {
  readonly call = new FakeCall();
  readonly here = new Set<string>();
  generation = 1;
  mode: Mode = 'mesh';

  constructor() {
    this.call.session.setCourse(courseOf('mesh', 1));
    this.call.enter();
  }

  decide(to: Mode, isPrewarmed: boolean): void {
    this.mode = to;
    this.generation += 1;
    this.call.session.setCourse(courseOf(to, this.generation, { prewarm: isPrewarmed }));
  }

  engine(of: Mode, id: string) {
    return this.call.open.find((one) => one.mode === of && one.isLive && one.members.has(id));
  }
}

const HAPPEN: Happen = {
  prepare: (one, room) => {
    room.generation += 1;
    room.call.prepare(one.mode, room.generation);
  },
  decide: (one, room) => room.decide(one.mode, one.prewarm),
  'come-or-go': (one, { call, here }) => {
    if (here.delete(one.who)) call.session.removeMember(one.who);
    else {
      here.add(one.who);
      call.session.addMember(member(one.who));
    }
  },
  stand: (one, room) => {
    room.engine(one.mode, one.who)?.enter(one.who, 'active');
    room.engine(one.mode, one.who)?.bring(one.who);
  },
  break: (one, room) => room.engine(one.mode, one.who)?.enter(one.who, 'failed'),
  vanish: (one, room) => {
    const { tracks } = room.engine(one.mode, one.who) ?? {};
    for (const track of tracks?.get(`camera:${one.who}`) ?? []) track.muted = true;
  },
  decode: (one, room) => {
    if (room.engine(one.mode, one.who)) room.call.decode(one.mode, one.who);
  },
  look: (one, { call }) => call.session.setShownHeight(one.who, 'camera', one.height),
  health: (one, { call }) => {
    const engine = call.open.find((each) => each.mode === one.mode);
    engine?.feel(one.isReady ? 'ready' : 'failed');
  },
  still: (one, { call }) => {
    call.isMoving = one.isMoving;
  },
};

/** What is so at any moment, whatever is under way. */
function expectOneVoiceEach({ call, here }: Room): void {
  for (const id of here) {
    const bringing = call.open.filter((one) => one.tracks.has(`camera:${id}`) && one.isLive);
    const heard = call.heardBy(id);
    expect(heard.length).toBeLessThanOrEqual(1);
    const shown = call.stream(id)?.getTracks() ?? [];
    // Whoever is shown is shown and heard by one engine, and only by its newest tracks.
    const owner = bringing.filter((one) =>
      one.tracks.get(`camera:${id}`)?.some((track) => shown.includes(track as never)),
    );
    expect(owner.length).toBeLessThanOrEqual(1);
    if (owner[0]) expect(heard).toEqual([owner[0].mode]);
    for (const track of shown) expect(track.readyState).toBe('live');
  }
}

async function expectAtRest(room: Room): Promise<void> {
  const { call, here } = room;
  room.decide(room.mode, false);
  await pass(7_000);
  expect(call.modes).toEqual([room.mode]);
  const [engine] = call.open;
  expect([...(engine?.members.keys() ?? [])].sort()).toEqual([...here].sort());
  for (const id of here) {
    call.stand(room.mode, id);
    expect([call.onAir(id), call.heardBy(id)]).toEqual([[room.mode], [room.mode]]);
  }
  expect(call.clocks.size + call.watched.size).toBe(0);
  const answers = call.told.flatMap((one) => ('generation' in one ? [one.generation] : []));
  expect(new Set(answers).size).toBe(answers.length);
}

describe('a call, whatever happens in whatever order', () => {
  it('shows and plays everybody by one engine, and leaves nothing behind', async () => {
    const steps = fc.array(fc.tuple(happening, fc.constantFrom(0, 0, 60, 700, 3_000)), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (happenings) => {
        vi.clearAllTimers();
        const room = new Room();
        for (const [one, then] of happenings) {
          // A row for every event: the only place where one meets its row.
          (HAPPEN[one.type] as (event: Happening, where: Room) => void)(one, room);
          expectOneVoiceEach(room);
          await pass(then);
          expectOneVoiceEach(room);
        }
        await expectAtRest(room);
        room.call.close();
        expect(room.call.open).toEqual([]);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
