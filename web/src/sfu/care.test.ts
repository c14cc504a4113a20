import { describe, expect, it } from 'vitest';

import { TransportCare } from './care';

/** The first remedy in each of these states, lasting up to a minute, and after how long. */
function firstRemedy(care: TransportCare, state: Parameters<TransportCare['remedy']>[0], from = 0) {
  for (let after = 0; after <= 60_000; after += 250) {
    const remedy = care.remedy(state, from + after);
    if (remedy) return [remedy, after];
  }
  return null;
}

describe('a transport', () => {
  it.each([
    ['new', null],
    ['connected', null],
    ['closed', null],
    ['connecting', ['rebuild', 8_000]],
    ['disconnected', ['restart-ice', 2_000]],
    ['failed', ['restart-ice', 0]],
  ] as const)('that is %s needs %j', (state, expected) => {
    expect(firstRemedy(new TransportCare(0), state)).toEqual(expected);
  });

  it('is rebuilt after two restarts that did not help', () => {
    const care = new TransportCare(0);
    expect(firstRemedy(care, 'failed')).toEqual(['restart-ice', 0]);
    care.restarted(0);
    expect(firstRemedy(care, 'connecting')).toEqual(['restart-ice', 5_000]);
    care.restarted(5_000);
    expect(firstRemedy(care, 'failed', 5_000)).toEqual(['rebuild', 5_000]);
  });

  it('that came back starts with a clean slate', () => {
    const care = new TransportCare(0);
    care.remedy('failed', 0);
    care.restarted(0);
    care.remedy('connected', 1_000);
    expect(firstRemedy(care, 'disconnected', 10_000)).toEqual(['restart-ice', 2_000]);
  });

  it('is not given up while a restart is on its way to the server', () => {
    const care = new TransportCare(0);
    for (let now = 0; now < 60_000; now += 10_000) {
      expect(care.remedy('failed', now)).toBe('restart-ice');
    }
  });
});
