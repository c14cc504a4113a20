import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { LIMITS } from './limits';
import { PATHS } from './paths';
import { ModelRoom } from './testing/model_room';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const RUNS = 150;
const IDS = ['a', 'b', 'c', 'd'];
/** One of them comes late and is seldom heard of. */
const who = fc.constantFrom(...IDS, 'a', 'b', 'c', 'a', 'b');
const path = fc.constantFrom(...PATHS);

type Action =
  | { readonly do: 'publish'; who: string; to: string | null; lossy: boolean; times: number }
  | {
      readonly do: 'open' | 'cut' | 'giveUp';
      path: (typeof PATHS)[number];
      who: string;
      other: string;
    }
  | { readonly do: 'prefer' | 'fill'; who: string; path: (typeof PATHS)[number] }
  | { readonly do: 'join' | 'leave' | 'reload'; who: string }
  | { readonly do: 'forget'; who: string; other: string }
  | { readonly do: 'wait'; ms: number };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      who,
      to: fc.option(who, { nil: null, freq: 2 }),
      lossy: fc.boolean(),
      times: fc.integer({ min: 1, max: 8 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('open', 'open', 'cut', 'giveUp'),
      path,
      who,
      other: who,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('prefer', 'fill'), who, path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('join', 'leave', 'reload'), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), who, other: who }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 900 }),
    }),
  },
);

function act(room: ModelRoom, one: Action): void {
  switch (one.do) {
    case 'publish':
      Array.from({ length: one.times }, () => room.publish(one.who, one.to, one.lossy));
      break;
    case 'open':
    case 'cut':
    case 'giveUp':
      room[one.do](one.path, one.who, one.other);
      break;
    case 'prefer':
      room.prefer(one.who, one.path);
      break;
    case 'fill':
      room.fill(one.who, one.path, 700);
      break;
    case 'forget':
      room.forget(one.who, one.other, 1_500);
      break;
    case 'wait':
      vi.advanceTimersByTime(one.ms);
      break;
    default:
      room[one.do](one.who);
  }
}

/** Every pair has a way at last, and time passes. Returns how many ends believe in vain. */
function calmDown(room: ModelRoom): number {
  vi.advanceTimersByTime(2_000);
  const present = [...room.people.keys()];
  const pairs = present.flatMap((one, at) =>
    present.slice(at + 1).map((other): [string, string] => [one, other]),
  );
  const broken = pairs.filter(([one, other]) =>
    PATHS.every((name) => room.believers(name, one, other) < 2),
  );
  for (const [one, other] of broken) room.cut('sfu', one, other);
  vi.advanceTimersByTime(2_000);
  for (const [one, other] of broken) room.open('sfu', one, other);
  vi.advanceTimersByTime(60_000);
  return pairs.flatMap(([one, other]) =>
    PATHS.filter((name) => room.believers(name, one, other) === 1),
  ).length;
}

describe('whatever happens to hubs and the ways between them', () => {
  it(
    'what is reliable comes once and in order, and then all is quiet',
    { timeout: 120_000 },
    () => {
      const start = fc.constantFrom(0, 2 ** 31 - 3, 2 ** 40);
      const actions = fc.array(action, { minLength: 1, maxLength: 60, size: 'max' });
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 1e9 }), start, actions, (seed, firstNumber, list) => {
          const room = new ModelRoom({ seed, firstNumber });
          for (const id of IDS.slice(0, 3)) room.join(id);
          vi.advanceTimersByTime(1_000);
          for (const [one, other] of ['ab', 'bc', 'ac']) room.open('mesh', one!, other!);
          for (const one of list) act(room, one);
          const inVain = calmDown(room);
          const complaints = room.complaints();
          const before = room.carried;
          vi.advanceTimersByTime(60_000);
          const chatter = room.carried - before;
          for (const { hub } of room.people.values()) {
            expect(hub.load.messages).toBeLessThanOrEqual(LIMITS.kept.messages);
          }
          room.close();
          vi.clearAllTimers();
          expect(complaints).toEqual([]);
          // Whoever believes in a way asks on it now and then.
          expect(chatter).toBeLessThanOrEqual(3 * inVain);
        }),
        { numRuns: RUNS },
      );
    },
  );
});
