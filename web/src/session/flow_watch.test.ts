import { describe, expect, it } from 'vitest';

import { FlowWatch, newestPacket, type Stall } from './flow_watch';

/** Looks ten times a second; packets come until `last`. */
function follow(watch: FlowWatch, from: number, until: number, last: number): (Stall | null)[] {
  const said: (Stall | null)[] = [];
  for (let now = from; now <= until; now += 100) {
    said.push(watch.look(Math.min(now, last), now));
  }
  return said.filter((one) => one !== null);
}

describe('packets', () => {
  it('that stop coming are told of once', () => {
    const watch = new FlowWatch();
    expect(follow(watch, 100, 2_400, 2_000)).toEqual([]);
    expect(watch.isStalled(2_499)).toBe(false);
    expect(follow(watch, 2_500, 9_000, 2_000)).toEqual(['unexplained']);
    expect(watch.isStalled(9_000)).toBe(true);
    expect(follow(watch, 9_100, 9_500, 9_500)).toEqual([]);
    expect(watch.isStalled(9_500)).toBe(false);
  });

  it('that came now and then are not missed', () => {
    const watch = new FlowWatch();
    for (let now = 0; now < 20_000; now += 100) {
      expect(watch.look(1 + Math.floor(now / 900), now)).toBeNull();
    }
    expect(follow(new FlowWatch(), 100, 5_000, 0)).toEqual([]);
  });

  it('are not missed by who looks seldom, as in a tab behind others', () => {
    const watch = new FlowWatch();
    for (let now = 1_000; now < 20_000; now += 1_000) expect(watch.look(now, now)).toBeNull();
    expect(watch.look(19_000, 20_000)).toBeNull();
  });

  it('stop for a known reason after signaling was lost', () => {
    const watch = new FlowWatch();
    follow(watch, 100, 2_000, 2_000);
    expect(watch.restored(2_100)).toBe(false);
    expect(follow(watch, 2_200, 4_000, 2_000)).toEqual(['explained']);
    expect(watch.restored(4_000)).toBe(true);
  });
});

it('finds the newest packet of all receivers', () => {
  const receiver = (...times: number[]) =>
    ({ getSynchronizationSources: () => times.map((timestamp) => ({ timestamp })) }) as never;
  expect(newestPacket([receiver(), receiver(5, 9), receiver(7)])).toBe(9);
  expect(newestPacket([])).toBe(0);
});
