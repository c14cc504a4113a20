import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HealthWatch } from './health';

describe('the health of a way', () => {
  it('fails within four seconds if asked four times a second', () => {
    const watch = new HealthWatch(0);
    const told = Array.from({ length: 17 }, (_, quarter) =>
      watch.read(false, false, quarter * 250),
    );
    expect(told.slice(0, 15).every((one) => one === 'opening')).toBe(true);
    expect(told.at(-1)).toBe('failed');
  });

  it('is slow instead where the server is reached, until it is not any more', () => {
    const watch = new HealthWatch(0);
    expect(watch.read(false, true, 3_000)).toBe('opening');
    expect(watch.read(false, true, 4_000)).toBe('slow');
    expect(watch.read(false, false, 5_000)).toBe('failed');
    expect(watch.read(false, true, 6_000)).toBe('slow');
    expect(watch.read(true, true, 7_000)).toBe('ready');
    expect(watch.read(false, true, 8_000)).toBe('opening');
  });

  it('is as good as new once it stands', () => {
    const watch = new HealthWatch(0);
    expect(watch.read(false, false, 10_000)).toBe('failed');
    expect(watch.read(true, true, 11_000)).toBe('ready');
    expect(watch.read(false, false, 60_000)).toBe('opening');
    expect(watch.read(false, false, 63_000)).toBe('opening');
    expect(watch.read(false, false, 64_000)).toBe('failed');
    expect(watch.read(false, false, 70_000)).toBe('failed');
  });

  it('is ready just when it stands, and never opens again without having stood', () => {
    const steps = fc.array(
      fc.tuple(fc.boolean(), fc.boolean(), fc.integer({ min: 0, max: 5_000 })),
    );
    fc.assert(
      fc.property(steps, (given) => {
        const watch = new HealthWatch(0);
        let now = 0;
        let before = 'opening';
        for (const [stands, isReached, pause] of given) {
          now += pause;
          const health = watch.read(stands, stands || isReached, now);
          expect(health === 'ready').toBe(stands);
          if (before === 'failed' || before === 'slow') expect(health).not.toBe('opening');
          before = health;
        }
      }),
    );
  });
});
