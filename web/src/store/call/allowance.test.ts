import * as fc from 'fast-check';
import { expect, it } from 'vitest';

import { Allowance } from './allowance';

it('never gives more than so many in any stretch of time, and gives them when it can', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 800 })), (steps) => {
      const allowance = new Allowance(5, 3_000);
      let now = 0;
      const given: number[] = [];
      for (const step of steps) {
        now += step;
        const recent = given.filter((at) => now - at < 3_000).length;
        const isGiven = allowance.take(now);
        expect(isGiven).toBe(recent < 5);
        if (isGiven) given.push(now);
      }
    }),
  );
});
