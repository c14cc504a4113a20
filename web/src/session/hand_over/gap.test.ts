import { describe, expect, it } from 'vitest';

import { gapOf, worstOf } from './gap';

/** Frames every so many milliseconds, from one time to another. */
function frames(from: number, to: number, every: number): number[] {
  const times = [];
  for (let at = from; at <= to; at += every) times.push(at);
  return times;
}

/** One picture's frames, of which those after a moment come by the new way. */
function changedAt(moment: number, times: readonly number[]): number | null {
  const old = times.filter((at) => at <= moment);
  return gapOf(
    old,
    times.filter((at) => at > moment),
    moment,
  );
}

describe('the gap', () => {
  it('is nothing when frames go on as before', () => {
    expect(changedAt(2_000, frames(0, 4_000, 50))).toBe(0);
  });

  it('is what a pause exceeds the usual one by', () => {
    expect(changedAt(2_000, [...frames(0, 2_000, 50), ...frames(2_180, 4_000, 50)])).toBe(130);
    expect(changedAt(2_000, [...frames(0, 1_950, 50), ...frames(2_130, 4_000, 50)])).toBe(130);
    expect(changedAt(310, [0, 50, 100, 250, 300, ...frames(480, 1_500, 50)])).toBe(30);
  });

  it('ends with the first frame of the new way, until which the old one is seen', () => {
    expect(gapOf(frames(0, 4_000, 50), frames(2_110, 4_000, 50), 2_000)).toBe(0);
    expect(gapOf(frames(0, 2_050, 50), frames(2_150, 4_000, 50), 2_000)).toBe(50);
    // Frames that came by the new way before it was shown were not seen.
    expect(gapOf(frames(0, 2_000, 50), [1_900, 1_950, ...frames(2_120, 4_000, 50)], 2_000)).toBe(
      70,
    );
  });

  it('is looked for within a second', () => {
    expect(changedAt(2_000, [...frames(0, 3_200, 50), 3_900])).toBe(0);
    expect(changedAt(2_000, [...frames(0, 2_900, 50), 3_000, 3_900])).toBe(50);
    expect(changedAt(2_000, [0, 400, ...frames(1_500, 4_000, 50)])).toBe(0);
  });

  it('may be longer than that', () => {
    expect(changedAt(2_000, [...frames(0, 2_000, 50), ...frames(4_000, 5_000, 50)])).toBe(1_950);
  });

  it('is unknown without frames on both sides', () => {
    expect(gapOf([], [], 0)).toBeNull();
    expect(changedAt(2_000, frames(0, 2_000, 50))).toBeNull();
    expect(changedAt(2_000, frames(1_900, 4_000, 50))).toBeNull();
  });

  it('of several is the worst that is known', () => {
    expect(worstOf([null, 20, 70, null])).toBe(70);
    expect(worstOf([null])).toBeNull();
    expect(worstOf([])).toBeNull();
  });
});
