/**
 * A room of model clients, each with the real state machine, and a model server that decides,
 * prepares, waits, and loses its SFU. Messages to a client are delivered in any order, and twice.
 */

import type { Health, Mode } from '../../media_session';
import type { Course, Preparation } from '../course';
import { advance, OUTSIDE, type Crossing, type CrossingEffect } from '../crossing';

export const CAP = 4;

type Message =
  | { readonly type: 'course'; readonly course: Course }
  | { readonly type: 'prepare'; readonly preparation: Preparation };

interface Opened {
  readonly isLive: boolean;
}

export class ModelClient {
  readonly id: string;
  readonly inbox: Message[] = [];
  readonly answered: number[] = [];
  /** To which hand-overs it has been asked. */
  readonly asked = new Set<number>();
  state: Crossing = OUTSIDE;
  opened = 0;
  closed = 0;
  readonly engines: Record<Mode, Opened | null> = { mesh: null, sfu: null };
  /** What went wrong. */
  readonly faults: string[] = [];
  readonly #room: ModelRoom;

  constructor(id: string, room: ModelRoom) {
    this.id = id;
    this.#room = room;
  }

  take(event: Parameters<typeof advance>[1]): void {
    const { state, effects } = advance(this.state, event, this.#room.now);
    this.state = state;
    for (const effect of effects) this.#carryOut(effect);
    const { mode } = state.course ?? { mode: null };
    if (mode && !this.engines[mode]?.isLive) this.faults.push(`${mode} in force, and not live`);
  }

  deliver(index: number, twice: boolean): void {
    if (!this.inbox.length) return;
    const at = index % this.inbox.length;
    const message = this.inbox[at];
    if (!twice) this.inbox.splice(at, 1);
    if (message) this.#hear(message);
  }

  #hear(message: Message): void {
    if (message.type === 'prepare') this.asked.add(message.preparation.generation);
    this.take(message);
  }

  #carryOut(effect: CrossingEffect): void {
    if (effect.type === 'open') {
      this.#check(!this.engines[effect.mode], `${effect.mode} opened twice`);
      this.opened += 1;
      this.engines[effect.mode] = { isLive: effect.isLive };
    } else if (effect.type === 'close') {
      this.#check(this.engines[effect.mode] !== null, `${effect.mode} closed twice`);
      this.closed += 1;
      this.engines[effect.mode] = null;
    } else if (effect.type === 'set-live') {
      const engine = this.engines[effect.mode];
      this.#check(engine?.isLive === !effect.isLive, `${effect.mode} set in vain`);
      this.engines[effect.mode] = { isLive: effect.isLive };
    } else if (effect.type === 'tell' && effect.message.type !== 'report-sfu') {
      const { generation, type } = effect.message;
      this.#check(!this.answered.includes(generation), 'answered twice');
      this.#check(this.asked.has(generation), 'answered what nobody asked');
      this.answered.push(generation);
      this.#room.hear(this.id, generation, type === 'hand-over-ready');
    }
  }

  #check(isRight: boolean, fault: string): void {
    if (!isRight) this.faults.push(fault);
  }
}

export class ModelRoom {
  readonly clients = new Map<string, ModelClient>();
  now = 0;
  course: Course = courseOf('mesh', 1);
  handOver: (Preparation & { waiting: Set<string> }) | null = null;
  #latest = 1;
  #entered = 0;

  /** Whoever `begins` a hand-over by entering is waited for; who comes later is not. */
  join(begins: boolean): void {
    this.#entered += 1;
    const client = new ModelClient(`m${this.#entered}`, this);
    this.clients.set(client.id, client);
    const isBegun = begins && this.#begin();
    // Whoever enters is told the aim.
    const { mode, generation } = this.handOver ?? this.course;
    client.inbox.push({ type: 'course', course: courseOf(mode, generation) });
    if (isBegun) this.#ask();
  }

  leave(client: ModelClient): void {
    this.clients.delete(client.id);
    this.handOver?.waiting.delete(client.id);
    this.#decide();
  }

  begin(): void {
    if (this.#begin()) this.#ask();
  }

  #begin(): boolean {
    if (this.handOver || !this.clients.size) return false;
    const mode = this.course.mode === 'mesh' ? 'sfu' : 'mesh';
    const generation = this.#next();
    this.handOver = { mode, generation, seconds: 5, waiting: new Set(this.clients.keys()) };
    return true;
  }

  #ask(): void {
    if (!this.handOver) return;
    const { mode, generation, seconds } = this.handOver;
    this.#tell({ type: 'prepare', preparation: { mode, generation, seconds } });
  }

  hear(clientId: string, generation: number, isReady: boolean): void {
    if (this.handOver?.generation !== generation) return;
    if (!isReady) this.expire();
    else {
      this.handOver.waiting.delete(clientId);
      this.#decide();
    }
  }

  /** Nobody is waited for any longer. */
  expire(): void {
    if (!this.handOver) return;
    const { mode, generation } = this.handOver;
    if (mode === 'sfu' && this.clients.size > CAP) this.#commit(mode, generation);
    else this.#commit(this.course.mode, this.#next());
  }

  loseSfu(): void {
    if (this.course.mode === 'mesh' && this.handOver?.mode !== 'sfu') return;
    this.#commit('mesh', this.#next());
  }

  #decide(): void {
    if (this.handOver && !this.handOver.waiting.size) {
      this.#commit(this.handOver.mode, this.handOver.generation);
    }
  }

  #commit(mode: Mode, generation: number): void {
    this.handOver = null;
    this.course = courseOf(mode, generation);
    this.#tell({ type: 'course', course: this.course });
  }

  #tell(message: Message): void {
    for (const { inbox } of this.clients.values()) inbox.push(message);
  }

  #next(): number {
    this.#latest += 1;
    return this.#latest;
  }

  pass(ms: number): void {
    this.now += ms;
    for (const client of this.clients.values()) client.take({ type: 'tick' });
  }

  /** Everything arrives, works, and has its time. */
  rest(): void {
    for (let round = 0; round < 40; round += 1) {
      for (const client of this.clients.values()) {
        while (client.inbox.length) client.deliver(0, false);
        for (const mode of ['mesh', 'sfu'] as const) this.say(client, mode, 'ready');
        client.take({ type: 'switched', all: true });
      }
      this.pass(250);
    }
  }

  say(client: ModelClient, mode: Mode, health: Health): void {
    if (client.engines[mode]) client.take({ type: 'health', mode, health });
  }
}

/** Messages of one generation agree, in whatever order they come. */
function courseOf(mode: Mode, generation: number): Course {
  return { mode, generation, prewarm: generation % 3 === 0, core: null };
}
