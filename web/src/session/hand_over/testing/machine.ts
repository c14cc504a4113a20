/** The state machine of a hand-over on a clock of its own, and its effects in words. */

import type { Health, Mode } from '../../media_session';
import type { Course } from '../course';
import {
  advance,
  OUTSIDE,
  phaseOf,
  type Crossing,
  type CrossingEffect,
  type CrossingEvent,
  type Phase,
} from '../crossing';

export function course(mode: Mode, generation: number, given: Partial<Course> = {}): CrossingEvent {
  return { type: 'course', course: { mode, generation, prewarm: false, core: null, ...given } };
}

export function prepare(mode: Mode, generation: number, seconds = 5): CrossingEvent {
  return { type: 'prepare', preparation: { mode, generation, seconds } };
}

export const health = (mode: Mode, is: Health): CrossingEvent => ({
  type: 'health',
  mode,
  health: is,
});
export const switched = (all: boolean): CrossingEvent => ({ type: 'switched', all });
export const TICK: CrossingEvent = { type: 'tick' };

/** Remembers what it was told to do since it was last asked. */
export class Machine {
  state: Crossing = OUTSIDE;
  #now = 1_000;
  #effects: CrossingEffect[] = [];

  take(...events: CrossingEvent[]): this {
    for (const event of events) {
      const { state, effects } = advance(this.state, event, this.#now);
      this.state = state;
      this.#effects.push(...effects);
    }
    return this;
  }

  pass(ms: number): this {
    this.#now += ms;
    return this.take(TICK);
  }

  get phase(): Phase {
    return phaseOf(this.state);
  }

  /** In words, and only once. */
  done(): string[] {
    const words = this.#effects.map(inWords);
    this.#effects = [];
    return words;
  }

  told(): string[] {
    return this.done().filter((word) => word.startsWith('tell'));
  }
}

function inWords(effect: CrossingEffect): string {
  switch (effect.type) {
    case 'open':
    case 'set-live':
      return `${effect.type} ${effect.mode} ${effect.isLive ? 'live' : 'idle'}`;
    case 'tell':
      return effect.message.type === 'report-sfu'
        ? `tell sfu ${effect.message.reachable ? 'reached' : 'unreachable'}`
        : `tell ${effect.message.type} ${effect.message.generation}`;
    case 'over':
      return `over ${effect.from} to ${effect.to} ${effect.generation} in ${effect.took}`;
    default:
      return `${effect.type} ${effect.mode}`;
  }
}

/** In a mesh that stands, with everybody shown. */
export function inMesh(given: Partial<Course> = {}): Machine {
  const machine = new Machine().take(course('mesh', 1, given), switched(true));
  machine.take(health('mesh', 'ready')).done();
  return machine;
}

export function onSfu(): Machine {
  const machine = new Machine().take(course('sfu', 1), switched(true), health('sfu', 'ready'));
  machine.done();
  return machine;
}
