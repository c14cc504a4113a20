import { describe, expect, it } from 'vitest';

import type { QualityLimit } from '../../session/statistics';
import { StrainWatch, type StrainFacts } from './strain_watch';

const FACTS: StrainFacts = { mode: 'mesh', generation: 1, members: 4 };

interface Step {
  readonly limitedBy?: QualityLimit;
  readonly facts?: Partial<StrainFacts>;
  readonly memberId?: string;
}

/** The seconds in which something was reported, measuring a link once a second. */
function reports(seconds: number, step: (second: number) => Step | null): string[] {
  const watch = new StrainWatch();
  const found: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const now = step(second);
    if (!now) continue;
    const { limitedBy = 'cpu', facts = {}, memberId = 'b' } = now;
    const by = watch.sample(memberId, limitedBy, { ...FACTS, ...facts }, second * 1000);
    if (by) found.push(`${second} ${by}`);
  }
  return found;
}

describe('a strained mesh', () => {
  it('is reported after five seconds, on links that are older than ten', () => {
    expect(reports(60, () => ({}))).toEqual(['15 cpu']);
    expect(reports(60, (second) => ({ limitedBy: second < 30 ? 'none' : 'bandwidth' }))).toEqual([
      '35 bandwidth',
    ]);
  });

  it('has to be so without a break', () => {
    expect(reports(60, (second) => ({ limitedBy: second % 5 === 0 ? 'none' : 'cpu' }))).toEqual([]);
    expect(reports(60, (second) => ({ limitedBy: second % 2 ? 'bandwidth' : 'cpu' }))).toEqual([
      '15 bandwidth',
    ]);
    expect(reports(60, () => ({ limitedBy: 'other' }))).toEqual([]);
  });

  it('is on one link, not on several by turns', () => {
    expect(
      reports(60, (second) => ({
        memberId: second % 2 ? 'b' : 'c',
        limitedBy: Math.floor(second / 4) % 2 ? 'cpu' : 'none',
      })),
    ).toEqual([]);
  });

  it('says nothing about times in which nobody looked', () => {
    expect(reports(120, (second) => (second % 10 === 0 ? {} : null))).toEqual([]);
  });

  it('is none with three, or through a server', () => {
    expect(reports(60, () => ({ facts: { members: 3 } }))).toEqual([]);
    expect(reports(60, () => ({ facts: { mode: 'sfu' } }))).toEqual([]);
    expect(reports(60, (second) => ({ facts: { members: second < 30 ? 3 : 4 } }))).toEqual([
      '35 cpu',
    ]);
  });

  it('is reported once per course', () => {
    const generation = (second: number) => (second < 40 ? 1 : 3);
    expect(reports(90, (second) => ({ facts: { generation: generation(second) } }))).toEqual([
      '15 cpu',
      '45 cpu',
    ]);
  });

  it('begins anew with a new link', () => {
    const watch = new StrainWatch();
    const sample = (second: number) => watch.sample('b', 'cpu', FACTS, second * 1000);
    for (let second = 0; second < 15; second += 1) expect(sample(second)).toBeNull();
    watch.forget('b');
    expect(sample(15)).toBeNull();
    for (let second = 16; second < 30; second += 1) expect(sample(second)).toBeNull();
    expect(sample(30)).toBe('cpu');
  });
});
