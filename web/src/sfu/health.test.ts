import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { HealthWatch } from './health';

describe('the health of a way', () => {
  it('fails within four seconds if asked four times a second', () => {
    const watch = new HealthWatch(0);
    const told = Array.from({ length: 17 }, (_, quarter) => watch.read(false, quarter * 250));
    expect(told.slice(0, 15).every((one) => one === 'opening')).toBe(true);
    expect(told.at(-1)).toBe('failed');
  });

  it('is as good as new once it stands', () => {
    const watch = new HealthWatch(0);
    expect(watch.read(false, 10_000)).toBe('failed');
    expect(watch.read(true, 11_000)).toBe('ready');
    expect(watch.read(false, 60_000)).toBe('opening');
    expect(watch.read(false, 63_000)).toBe('opening');
    expect(watch.read(false, 64_000)).toBe('failed');
    expect(watch.read(false, 70_000)).toBe('failed');
  });

  it('is ready just when it stands, and never opens again without having stood', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 5_000 })));
    fc.assert(
      fc.property(steps, (given) => {
        const watch = new HealthWatch(0);
        let now = 0;
        let before = 'opening';
        for (const [stands, pause] of given) {
          now += pause;
          const health = watch.read(stands, now);
          expect(health === 'ready').toBe(stands);
          if (before === 'failed') expect(health).not.toBe('opening');
          before = health;
        }
      }),
    );
  });
});
