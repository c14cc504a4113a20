/**
 * Our side of changing a room's mode: which engines there should be, which of them shows people,
 * and what the server is told. A pure state machine; carried out by `CallSession`.
 *
 *   phase      │ course, same mode   course, other mode   prepare            tick
 *   ───────────┼─────────────────────────────────────────────────────────────────────────────
 *   outside    │ ─► settled          ─► settled           ─► preparing       ─
 *   settled    │ ─                   ─► lingering         ─► preparing       (answer)
 *   preparing  │ abort ─► lingering  commit ─► lingering  the newer holds    (answer)
 *   lingering  │ ─                   ─► lingering         ─► preparing       all changed over,
 *              │                                                             or late ─► settled
 *
 * Only what has a higher generation than all before counts; a course with a known generation
 * brings news about itself, and a preparation no more than its question: whoever brings a
 * hand-over about by entering is told its aim as the final word, and is waited for all the same.
 *
 * What lingers is the way that is not in force: the one of before, or, after an abort, the one
 * that was prepared. Those who entered meanwhile know no other.
 *
 * Engines follow from the phase, in every phase and after every event: the mode in force has one,
 * so have the mode in preparation and the one that lingers, all of them live; a mesh that may
 * outgrow itself has one of the SFU besides, not live. What changed is the difference.
 */

import type { Health, Mode } from '../media_session';
import type { Course, Preparation } from './course';

/** Ready is who shows everybody by the new way, or has waited for the last ones so long. */
export const PATIENCE_MS = 2_500;
/** Of the server's time for an answer, what is left for the answer's way. */
export const MARGIN_MS = 500;
/** What lingers stays for so long after the last of us has changed over, for those who are slower. */
export const AFTERGLOW_MS = 500;
/** It goes, whoever has not changed over by then. */
export const LINGER_MS = 6_000;

export type Phase = 'outside' | 'settled' | 'preparing' | 'lingering';

export type CrossingEvent =
  | { readonly type: 'course'; readonly course: Course }
  | { readonly type: 'prepare'; readonly preparation: Preparation }
  /** What an engine says of our share of its way. */
  | { readonly type: 'health'; readonly mode: Mode; readonly health: Health }
  /** Whether everybody is shown by the engine aimed at. */
  | { readonly type: 'switched'; readonly all: boolean }
  | { readonly type: 'tick' };

/** What the server is told about hand-overs. */
export type Telling =
  | { readonly type: 'hand-over-ready' | 'hand-over-failed'; readonly generation: number }
  | { readonly type: 'report-sfu'; readonly reachable: boolean };

export type CrossingEffect =
  | { readonly type: 'open'; readonly mode: Mode; readonly isLive: boolean }
  | { readonly type: 'close'; readonly mode: Mode }
  | { readonly type: 'set-live'; readonly mode: Mode; readonly isLive: boolean }
  /** People are to be shown by this engine, as soon as it shows them. */
  | { readonly type: 'aim'; readonly mode: Mode }
  /** This is the mode in force. */
  | { readonly type: 'prefer'; readonly mode: Mode }
  | { readonly type: 'tell'; readonly message: Telling }
  /** The old way of a hand-over has been let go. */
  | ({ readonly type: 'over'; readonly took: number } & Omit<Passage, 'since'>);

interface Passage {
  readonly from: Mode;
  readonly to: Mode;
  readonly generation: number;
  /** When its preparation began. */
  readonly since: number;
}

interface Linger extends Passage {
  /** Since when it lingers. */
  readonly decided: number;
  /** The hand-over was called off: nobody has gone over. */
  readonly isAborted: boolean;
}

interface Engine {
  readonly isLive: boolean;
  readonly health: Health;
}

interface Question {
  readonly mode: Mode;
  readonly generation: number;
  readonly since: number;
  readonly until: number;
}

export interface Crossing {
  readonly course: Course | null;
  readonly preparation: (Preparation & { readonly since: number }) | null;
  /** What the server may still wait for; each is answered once. */
  readonly question: Question | null;
  /** The generation of the latest one. */
  readonly asked: number;
  /** The way that is not in force, kept for those who have not changed over. */
  readonly linger: Linger | null;
  readonly engines: Readonly<Record<Mode, Engine | null>>;
  readonly aim: Mode | null;
  /** Since when everybody is shown by the engine aimed at. */
  readonly switchedAt: number | null;
  /** What the server believes about our reaching the SFU, as far as we have said. */
  readonly reachable: boolean | null;
}

export const OUTSIDE: Crossing = {
  course: null,
  preparation: null,
  question: null,
  asked: -1,
  linger: null,
  engines: { mesh: null, sfu: null },
  aim: null,
  switchedAt: null,
  reachable: null,
};

const MODES: readonly Mode[] = ['mesh', 'sfu'];

export function phaseOf({ course, preparation, linger }: Crossing): Phase {
  if (preparation) return 'preparing';
  if (!course) return 'outside';
  return linger ? 'lingering' : 'settled';
}

/** Whether time alone may change anything. */
export function awaitsTime({ question, linger }: Crossing): boolean {
  return question !== null || linger !== null;
}

/** `now` in milliseconds, on a clock that never steps. */
export function advance(
  state: Crossing,
  event: CrossingEvent,
  now: number,
): { readonly state: Crossing; readonly effects: readonly CrossingEffect[] } {
  const step = new Step(state, now);
  step.take(event);
  step.settle();
  return { state: step.state, effects: step.effects };
}

/** One event on its way through the machine. */
class Step {
  state: Crossing;
  readonly effects: CrossingEffect[] = [];
  readonly #now: number;

  constructor(state: Crossing, now: number) {
    this.state = state;
    this.#now = now;
  }

  take(event: CrossingEvent): void {
    switch (event.type) {
      case 'course':
        this.#follow(event.course);
        break;
      case 'prepare':
        this.#prepare(event.preparation);
        break;
      case 'health': {
        const engine = this.state.engines[event.mode];
        if (engine) this.#setEngine(event.mode, { ...engine, health: event.health });
        break;
      }
      case 'switched': {
        const since = this.state.switchedAt ?? this.#now;
        this.#set({ switchedAt: event.all ? since : null });
        break;
      }
      case 'tick':
    }
  }

  /** Makes everything as it should be now. */
  settle(): void {
    const { linger } = this.state;
    if (linger && this.#isSpent(linger.decided)) this.#letGo();
    this.#open();
    this.#takeAim();
    this.#close();
    this.#answer();
    this.#report();
  }

  #follow(course: Course): void {
    const { course: known } = this.state;
    if (known && course.generation <= known.generation) {
      const { prewarm, core } = course;
      const isNews = course.generation === known.generation;
      if (isNews) this.#set({ course: { ...known, prewarm, core } });
      return;
    }
    const isNew = known?.mode !== course.mode;
    if (known && isNew) this.#goOver(known.mode, course);
    else this.#callOff(course);
    if (isNew) this.effects.push({ type: 'prefer', mode: course.mode });
    const { preparation, question } = this.state;
    this.#set({
      course,
      preparation: after(course.generation, preparation),
      question: after(course.generation - 1, question),
    });
  }

  /** The mode in force changes, and the way of before stays for a while. */
  #goOver(from: Mode, { mode: to, generation }: Course): void {
    const { preparation } = this.state;
    this.#takeBack(to);
    const isPrepared = preparation?.generation === generation;
    const since = isPrepared ? preparation.since : this.#now;
    this.#linger({ from, to, generation, since }, false);
  }

  /** The mode in force stays: what was prepared is not let go before nobody is shown by it. */
  #callOff({ mode: to, generation }: Course): void {
    const { preparation } = this.state;
    if (!preparation || preparation.mode === to || preparation.generation > generation) return;
    this.#linger({ from: preparation.mode, to, generation, since: this.#now }, true);
  }

  #linger(passage: Passage, isAborted: boolean): void {
    this.#set({ linger: { ...passage, decided: this.#now, isAborted } });
  }

  #prepare(preparation: Preparation): void {
    const { course, preparation: known } = this.state;
    const { generation, mode } = preparation;
    const isDecided = course?.generation === generation && course.mode === mode;
    if (!isDecided) {
      const latest = Math.max(course?.generation ?? -1, known?.generation ?? -1);
      if (generation <= latest) return;
      this.#takeBack(mode);
      this.#set({ preparation: { ...preparation, since: this.#now } });
    }
    this.#ask(preparation);
  }

  #ask({ mode, generation, seconds }: Preparation): void {
    if (generation <= this.state.asked) return;
    const since = this.#now;
    const until = since + seconds * 1_000 - MARGIN_MS;
    this.#set({ question: { mode, generation, since, until }, asked: generation });
  }

  /**
   * What lingers is wanted again. The server is the same for all, but in a mesh the others may
   * have let go of theirs already: all begin anew, rather than some with the links of before.
   */
  #takeBack(mode: Mode): void {
    if (this.state.linger?.from !== mode) return;
    this.#letGo();
    if (mode === 'mesh') this.#drop(mode);
  }

  #isSpent(decided: number): boolean {
    const { switchedAt } = this.state;
    if (this.#now >= decided + LINGER_MS) return true;
    return switchedAt !== null && this.#now >= Math.max(switchedAt, decided) + AFTERGLOW_MS;
  }

  #letGo(): void {
    const { linger, switchedAt } = this.state;
    if (!linger) return;
    const { from, to, generation, since, isAborted } = linger;
    const took = Math.max(0, (switchedAt ?? this.#now) - since);
    this.#set({ linger: null });
    if (!isAborted) this.effects.push({ type: 'over', from, to, generation, took });
  }

  /** What an engine is for; null: for nothing. */
  #wanted(mode: Mode): 'live' | 'prewarmed' | null {
    const { course, preparation, linger } = this.state;
    if ([course?.mode, preparation?.mode, linger?.from].includes(mode)) return 'live';
    return mode === 'sfu' && course?.prewarm ? 'prewarmed' : null;
  }

  #open(): void {
    for (const mode of MODES) {
      const wanted = this.#wanted(mode);
      const engine = this.state.engines[mode];
      if (wanted === null) continue;
      const isLive = wanted === 'live';
      if (!engine) {
        this.#setEngine(mode, { isLive, health: 'opening' });
        this.effects.push({ type: 'open', mode, isLive });
      } else if (isLive && !engine.isLive) {
        this.#setLive(mode, engine, true);
      }
    }
  }

  #takeAim(): void {
    const { preparation, course, aim } = this.state;
    const mode = preparation?.mode ?? course?.mode ?? null;
    if (mode === null || mode === aim) return;
    this.#set({ aim: mode, switchedAt: null });
    this.effects.push({ type: 'aim', mode });
  }

  #close(): void {
    for (const mode of MODES) {
      const wanted = this.#wanted(mode);
      const engine = this.state.engines[mode];
      if (!engine) continue;
      if (wanted === null) this.#drop(mode);
      else if (wanted === 'prewarmed' && engine.isLive) this.#setLive(mode, engine, false);
    }
  }

  #answer(): void {
    const { question } = this.state;
    const isReady = question && this.#verdict(question);
    if (!question || isReady === null) return;
    const { generation, mode } = question;
    const type = isReady ? 'hand-over-ready' : 'hand-over-failed';
    this.effects.push({ type: 'tell', message: { type, generation } });
    this.#set({ question: null });
    if (mode === 'sfu') this.#set({ reachable: isReady });
  }

  /** Whether we are ready; null: that is not known yet. */
  #verdict({ mode, since, until }: Question): boolean | null {
    const { engines, switchedAt } = this.state;
    const isShown = switchedAt !== null || this.#now >= Math.min(since + PATIENCE_MS, until);
    const health = engines[mode]?.health;
    if (health === 'ready' && isShown) return true;
    if (health === 'failed') return false;
    // Who reaches the server, and has not published everything, will have soon.
    return this.#now >= until ? health === 'slow' : null;
  }

  /**
   * The server learns before it matters whether we reach the SFU; once it matters, that we do not
   * to begin with, or do after all.
   */
  #report(): void {
    const { engines, reachable } = this.state;
    const { sfu } = engines;
    if (!sfu || sfu.health === 'opening' || this.#isAnswering) return;
    const isReached = sfu.health !== 'failed';
    // What has been in use, and is not any more, is looked after by both sides.
    if (isReached === reachable || (sfu.isLive && reachable === true)) return;
    this.#set({ reachable: isReached });
    // That it works, once it is in use, is taken for granted.
    if (sfu.isLive && isReached && reachable === null) return;
    this.effects.push({ type: 'tell', message: { type: 'report-sfu', reachable: isReached } });
  }

  /** How things stand with the SFU is told otherwise, or of no interest now. */
  get #isAnswering(): boolean {
    const { question, linger } = this.state;
    return question?.mode === 'sfu' || linger?.from === 'sfu';
  }

  #drop(mode: Mode): void {
    this.#setEngine(mode, null);
    if (mode === 'sfu') this.#set({ reachable: null });
    this.effects.push({ type: 'close', mode });
  }

  #setLive(mode: Mode, engine: Engine, isLive: boolean): void {
    this.#setEngine(mode, { ...engine, isLive });
    this.effects.push({ type: 'set-live', mode, isLive });
  }

  #setEngine(mode: Mode, engine: Engine | null): void {
    this.#set({ engines: { ...this.state.engines, [mode]: engine } });
  }

  #set(part: Partial<Crossing>): void {
    this.state = { ...this.state, ...part };
  }
}

/** What has a higher generation than this. */
function after<T extends { readonly generation: number }>(
  generation: number,
  one: T | null,
): T | null {
  return one && one.generation > generation ? one : null;
}
