import { describe, expect, it } from 'vitest';

import type { CrossingEvent, Phase } from './crossing';
import { course, health, inMesh, Machine, onSfu, prepare, switched, TICK } from './testing/machine';

describe('every event in every phase', () => {
  const PHASES: Record<Phase, () => Machine> = {
    outside: () => new Machine(),
    settled: () => inMesh().take(course('mesh', 10)),
    preparing: () => inMesh().take(course('mesh', 10), prepare('sfu', 11)),
    lingering: () => onSfu().take(course('mesh', 10)),
  };
  /** In the order of the table in `crossing`. */
  const BECOMES: readonly [CrossingEvent, Record<Phase, Phase>][] = [
    [
      course('mesh', 20),
      { outside: 'settled', settled: 'settled', preparing: 'lingering', lingering: 'lingering' },
    ],
    [
      course('sfu', 20),
      { outside: 'settled', settled: 'lingering', preparing: 'lingering', lingering: 'lingering' },
    ],
    [
      prepare('sfu', 20),
      {
        outside: 'preparing',
        settled: 'preparing',
        preparing: 'preparing',
        lingering: 'preparing',
      },
    ],
    [
      prepare('mesh', 20),
      {
        outside: 'preparing',
        settled: 'preparing',
        preparing: 'preparing',
        lingering: 'preparing',
      },
    ],
    ...[TICK, switched(true), switched(false), course('mesh', 0), prepare('sfu', 0)]
      .concat(health('mesh', 'failed'), health('sfu', 'ready'), health('sfu', 'failed'))
      .map((event): [CrossingEvent, Record<Phase, Phase>] => [
        event,
        {
          outside:
            event.type === 'course'
              ? 'settled'
              : event.type === 'prepare'
                ? 'preparing'
                : 'outside',
          settled: 'settled',
          preparing: 'preparing',
          lingering: 'lingering',
        },
      ]),
  ];

  it.each(BECOMES)('%j', (event, becomes) => {
    for (const phase of Object.keys(PHASES) as Phase[]) {
      const machine = PHASES[phase]();
      expect(machine.phase).toBe(phase);
      expect([phase, machine.take(event).phase]).toEqual([phase, becomes[phase]]);
      // Whatever was due has been done.
      machine.done();
      expect(machine.take(TICK).done()).toEqual([]);
    }
  });
});
