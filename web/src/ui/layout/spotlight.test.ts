import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DARK, follow, heardOf, largeAmong, nextLook, type Spotlight } from './spotlight';

/** Who has the floor from when on, in milliseconds; null: nobody. */
type Talk = readonly (readonly [at: number, who: string | null])[];

/** Looks at each change, and in between when it is time. */
function watch(talk: Talk, until: number): Spotlight {
  let spotlight = DARK;
  talk.forEach(([at, who], index) => {
    spotlight = follow(spotlight, who, at);
    const end = talk[index + 1]?.[0] ?? until;
    for (let look = nextLook(spotlight); look !== null && look <= end; look = nextLook(spotlight)) {
      spotlight = follow(spotlight, who, look);
    }
  });
  return spotlight;
}

describe('the spotlight', () => {
  it('goes to the first who is more than a noise', () => {
    expect(watch([[0, 'a']], 500)).toMatchObject({ large: null, heard: [] });
    expect(watch([[0, 'a']], 700)).toMatchObject({ large: 'a', heard: ['a'] });
  });

  it('stays where it is while somebody else only throws something in', () => {
    const talk: Talk = [
      [0, 'a'],
      [5_000, 'b'],
      [6_000, 'a'],
    ];
    expect(watch(talk, 20_000)).toMatchObject({ large: 'a', heard: ['a', 'b'] });
  });

  it('moves on when somebody else has the floor for a while', () => {
    const talk: Talk = [
      [0, 'a'],
      [5_000, 'b'],
    ];
    expect(watch(talk, 6_000).large).toBe('a');
    expect(watch(talk, 7_000)).toMatchObject({ large: 'b', heard: ['b', 'a'] });
  });

  it('counts neither the pauses between words nor what was said long ago', () => {
    const words: Talk = [
      [0, 'a'],
      [5_000, 'b'],
      [6_000, null],
      [7_000, 'b'],
    ];
    expect(watch(words, 7_500).large).toBe('a');
    expect(watch(words, 7_900).large).toBe('b');
    const apart: Talk = [
      [0, 'a'],
      [5_000, 'b'],
      [6_000, null],
      [20_000, 'b'],
    ];
    expect(watch(apart, 21_000).large).toBe('a');
  });

  it('rests when everybody is silent', () => {
    const talk: Talk = [
      [0, 'a'],
      [1_000, null],
    ];
    const silent = watch(talk, 60_000);
    expect(silent.large).toBe('a');
    expect(nextLook(silent)).toBeNull();
  });

  it('changes no more often than it must, whatever is said', () => {
    const turn = fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.constantFrom('a', 'b', 'c', null));
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 30 }), (turns) => {
        let now = 0;
        let spotlight = DARK;
        let changedAt = -Infinity;
        for (const [pause, who] of turns) {
          now += pause;
          const after = follow(spotlight, who, now);
          if (spotlight.large !== null && after.large !== spotlight.large) {
            expect(now - changedAt).toBeGreaterThanOrEqual(1_800);
          }
          if (after.large !== spotlight.large) changedAt = now;
          spotlight = after;
          expect(new Set(spotlight.heard).size).toBe(spotlight.heard.length);
        }
      }),
    );
  });

  it('falls on who was heard last when its person is gone, else on who came first', () => {
    const talk: Talk = [
      [0, 'a'],
      [5_000, 'b'],
    ];
    const spotlight = watch(talk, 9_000);
    const among = (present: string[]) => largeAmong(spotlight.large, spotlight.heard, present);
    expect(among(['c', 'a', 'b'])).toBe('b');
    expect(among(['c', 'a'])).toBe('a');
    expect(among(['c', 'd'])).toBe('c');
    expect(among([])).toBeNull();
  });

  it('knows from others who spoke before, and waits for who begins to', () => {
    expect(heardOf(DARK, ['b', 'c'])).toEqual(['b', 'c']);
    const begins = watch(
      [
        [0, 'a'],
        [5_000, 'd'],
      ],
      5_100,
    );
    expect(heardOf(begins, ['d', 'a', 'b'])).toEqual(['a', 'b']);
  });
});
