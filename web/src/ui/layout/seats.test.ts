import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { EMPTY, reseat, type Attendance, type Seating } from './seats';

const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

const attendance = (parts: Partial<Attendance> = {}): Attendance => ({
  present: people(8),
  large: null,
  seats: 3,
  isLive: true,
  heard: [],
  ...parts,
});

const start = (parts: Partial<Attendance> = {}): Seating => reseat(EMPTY, attendance(parts));

describe('seats', () => {
  it('are taken in the order in which people come', () => {
    const seating = start({ present: ['a', 'b'] });
    const after = reseat(seating, attendance({ present: ['a', 'b', 'c'] }));
    expect(after.order).toEqual(['a', 'b', 'c']);
  });

  it('are kept by all but two when somebody from a further page speaks', () => {
    const heard = ['p5', 'p0', 'p2'];
    const { order } = reseat(start(), attendance({ heard }));
    expect(order).toEqual(['p0', 'p5', 'p2', 'p3', 'p4', 'p1', 'p6', 'p7']);
  });

  it('change for nobody when somebody speaks who is seen', () => {
    const before = start();
    expect(reseat(before, attendance({ heard: ['p2'] }))).toBe(before);
  });

  it('go from whoever spoke longest ago, and first from who never did', () => {
    const silent = reseat(start(), attendance({ heard: ['p5', 'p2'] }));
    expect(silent.order.slice(0, 3)).toEqual(['p0', 'p5', 'p2']);
    const heard = ['p6', 'p5', 'p0', 'p2'];
    const spoken = reseat(silent, attendance({ heard }));
    expect(spoken.order.slice(0, 3)).toEqual(['p0', 'p5', 'p6']);
  });

  it('are for who spoke last, when one comes to a room or back to the first page', () => {
    const heard = ['p7', 'p4', 'p1', 'p6'];
    expect(start({ heard }).order.slice(0, 3).sort()).toEqual(['p1', 'p4', 'p7']);
    const away = start({ heard, isLive: false });
    expect(away.order).toEqual(people(8));
    expect(reseat(away, attendance({ heard })).order.slice(0, 3).sort()).toEqual([
      'p1',
      'p4',
      'p7',
    ]);
  });

  it('that fall free on the first page are taken from the next, and nobody else moves', () => {
    const present = people(8).filter((id) => id !== 'p1');
    expect(reseat(start(), attendance({ present })).order).toEqual([
      'p0',
      'p3',
      'p2',
      'p4',
      'p5',
      'p6',
      'p7',
    ]);
  });

  it('are exchanged by who is large and who was', () => {
    const before = start({ large: 'p0' });
    const after = reseat(before, attendance({ large: 'p2' }));
    const small = (seating: Seating) => seating.order.filter((id) => id !== seating.large);
    expect(small(before).slice(0, 3)).toEqual(['p1', 'p2', 'p3']);
    expect(small(after).slice(0, 3)).toEqual(['p1', 'p0', 'p3']);
  });

  it('hold everybody once, whatever happens, and settle at once', () => {
    const id = fc.constantFrom(...people(12));
    const change = fc.record({
      present: fc.uniqueArray(id, { maxLength: 12 }),
      large: fc.option(id),
      seats: fc.integer({ min: 0, max: 12 }),
      heard: fc.uniqueArray(id, { maxLength: 6 }),
      isLive: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        let seating = EMPTY;
        for (const { present, large, seats, heard, isLive } of changes) {
          const isThere = (one: string | null | undefined): one is string =>
            typeof one === 'string' && present.includes(one);
          const now: Attendance = {
            present,
            seats,
            heard,
            large: isThere(large) ? large : null,
            isLive,
          };
          seating = reseat(seating, now);
          expect([...seating.order].sort()).toEqual([...present].sort());
          expect(reseat(seating, now)).toBe(seating);
        }
      }),
    );
  });
});
