import { describe, expect, it } from 'vitest';

import { gapOf, worstOf } from './gap';

/** Frames every so many milliseconds, from one time to another. */
function frames(from: number, to: number, every: number): number[] {
  const times = [];
  for (let at = from; at <= to; at += every) times.push(at);
  return times;
}

describe('the gap', () => {
  it('is nothing when frames go on as before', () => {
    expect(gapOf(frames(0, 4_000, 50), 2_000)).toBe(0);
  });

  it('is what a pause exceeds the usual one by', () => {
    expect(gapOf([...frames(0, 2_000, 50), ...frames(2_180, 4_000, 50)], 2_000)).toBe(130);
    expect(gapOf([...frames(0, 1_950, 50), ...frames(2_130, 4_000, 50)], 2_000)).toBe(130);
    expect(gapOf([0, 50, 100, 250, 300, ...frames(480, 1_500, 50)], 310)).toBe(30);
  });

  it('is looked for within a second', () => {
    expect(gapOf([...frames(0, 3_200, 50), 3_900], 2_000)).toBe(0);
    expect(gapOf([...frames(0, 2_900, 50), 3_000, 3_900], 2_000)).toBe(50);
    expect(gapOf([0, 400, ...frames(1_500, 4_000, 50)], 2_000)).toBe(0);
  });

  it('may be longer than that', () => {
    expect(gapOf([...frames(0, 2_000, 50), ...frames(4_000, 5_000, 50)], 2_000)).toBe(1_950);
  });

  it('is unknown without frames on both sides', () => {
    expect(gapOf([], 0)).toBeNull();
    expect(gapOf(frames(0, 2_000, 50), 2_000)).toBeNull();
    expect(gapOf(frames(1_900, 4_000, 50), 2_000)).toBeNull();
  });

  it('of several is the worst that is known', () => {
    expect(worstOf([null, 20, 70, null])).toBe(70);
    expect(worstOf([null])).toBeNull();
    expect(worstOf([])).toBeNull();
  });
});
