import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { awaitsTime, phaseOf } from './crossing';
import { ModelRoom, type ModelClient } from './testing/model_room';

const who = fc.nat(5);
const mode = fc.constantFrom('mesh' as const, 'sfu' as const);
const happening = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('join' as const), begins: fc.boolean() }), weight: 2 },
  { arbitrary: fc.record({ type: fc.constant('leave' as const), who }), weight: 1 },
  { arbitrary: fc.record({ type: fc.constant('reload' as const), who }), weight: 1 },
  { arbitrary: fc.record({ type: fc.constant('begin' as const) }), weight: 4 },
  { arbitrary: fc.record({ type: fc.constant('expire' as const) }), weight: 2 },
  { arbitrary: fc.record({ type: fc.constant('lose-sfu' as const) }), weight: 2 },
  {
    arbitrary: fc.record({
      type: fc.constant('deliver' as const),
      who,
      which: fc.nat(5),
      twice: fc.boolean(),
    }),
    weight: 12,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('health' as const),
      who,
      mode,
      health: fc.constantFrom(
        'opening' as const,
        'ready' as const,
        'ready' as const,
        'slow' as const,
        'failed' as const,
      ),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ type: fc.constant('switched' as const), who, all: fc.boolean() }),
    weight: 6,
  },
  {
    arbitrary: fc.record({
      type: fc.constant('pass' as const),
      ms: fc.constantFrom(10, 400, 2_500, 4_600, 6_000),
    }),
    weight: 4,
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer H> ? H : never;

function happen(room: ModelRoom, one: Happening): void {
  const client = 'who' in one ? [...room.clients.values()][one.who] : undefined;
  if (client) happenTo(room, client, one);
  else if (one.type === 'join') room.join(one.begins);
  else if (one.type === 'begin') room.begin();
  else if (one.type === 'expire') room.expire();
  else if (one.type === 'lose-sfu') room.loseSfu();
  else if (one.type === 'pass') room.pass(one.ms);
}

function happenTo(room: ModelRoom, client: ModelClient, one: Happening): void {
  if (one.type === 'leave') room.leave(client);
  else if (one.type === 'reload') {
    room.leave(client);
    room.join(false);
  } else if (one.type === 'deliver') client.deliver(one.which, one.twice);
  else if (one.type === 'health') room.say(client, one.mode, one.health);
  else if (one.type === 'switched') client.take({ type: 'switched', all: one.all });
}

/** By which engines two clients exchange media. */
function waysBetween(one: ModelClient, other: ModelClient): string[] {
  const live = (client: ModelClient) =>
    (['mesh', 'sfu'] as const).filter((each) => client.engines[each]?.isLive);
  return live(one).filter((each) => live(other).includes(each));
}

function expectAtRest(room: ModelRoom): void {
  const { mode: agreed, prewarm } = room.course;
  for (const client of room.clients.values()) {
    expect(client.faults).toEqual([]);
    expect(phaseOf(client.state)).toBe('settled');
    expect(client.state.course).toEqual(room.course);
    expect(client.engines).toEqual({
      mesh: agreed === 'mesh' ? { isLive: true } : null,
      sfu: agreed === 'sfu' ? { isLive: true } : prewarm ? { isLive: false } : null,
    });
    const current = Object.values(client.engines).filter((engine) => engine !== null);
    expect(client.opened).toBe(client.closed + current.length);
    expect(awaitsTime(client.state)).toBe(false);
    for (const other of room.clients.values()) {
      if (other !== client) expect(waysBetween(client, other)).toEqual([agreed]);
    }
  }
}

describe('clients of one server, whatever happens in whatever order', () => {
  it('agree in the end, connected once, and leave nothing behind', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
        const room = new ModelRoom();
        room.join(false);
        room.join(false);
        for (const one of happenings) happen(room, one);
        room.rest();
        expectAtRest(room);
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
