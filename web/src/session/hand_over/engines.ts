/** The engines of a call, and what they are told of those with whom one can talk, or cannot. */

import type { IncomingSignal, Mode } from '../media_session';
import type { Attendance } from './attendance';
import { EarlySignals } from './early_signals';
import type { Engine } from './engine';

export class Engines {
  readonly #attendance: Attendance;
  readonly #now: () => number;
  readonly #engines = new Map<Mode, Engine>();
  readonly #early = new EarlySignals();

  constructor(attendance: Attendance, now: () => number) {
    this.#attendance = attendance;
    this.#now = now;
  }

  get(mode: Mode): Engine | undefined {
    return this.#engines.get(mode);
  }

  get all(): Engine[] {
    return [...this.#engines.values()];
  }

  add(mode: Mode, engine: Engine): void {
    this.#engines.set(mode, engine);
  }

  /** Begins with everybody who is here, and with what they have said before. */
  start(mode: Mode): void {
    const engine = this.#engines.get(mode);
    engine?.start();
    if (mode !== 'mesh') return;
    for (const one of this.#early.take(this.#now())) engine?.session.receive(one);
  }

  /** Takes it out; closing it is up to others. */
  take(mode: Mode): Engine | undefined {
    const engine = this.#engines.get(mode);
    this.#engines.delete(mode);
    // What was said of its links is of no use to another one's.
    if (mode === 'mesh') this.#early.clear();
    return engine;
  }

  close(): void {
    for (const engine of this.all) engine.close();
    this.#engines.clear();
    this.#early.clear();
  }

  receive(signal: IncomingSignal): void {
    const { from } = signal;
    this.#attendance.setAway(from, false);
    const mesh = this.#engines.get('mesh');
    if (mesh) mesh.session.receive(signal);
    else if (this.#attendance.get(from)) this.#early.keep(signal, this.#now());
  }

  /** The member is gone, or its page is another one. */
  forget(memberId: string): void {
    this.#early.forget(memberId);
  }

  /**
   * A way that is being built does not wait for those with whom it cannot be built now. The one in
   * force is mended as ever: what is said to who is away is heard on return.
   */
  excuse(inForce: Mode | undefined): void {
    for (const [mode, { session }] of this.#engines) {
      if (mode === inForce) continue;
      for (const id of this.#attendance.away) session.memberUnreachable(id);
    }
  }
}
