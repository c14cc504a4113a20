/** Two machines, their connections as far as descriptions go, and an unkind network between. */

import {
  advance,
  initial,
  type Answer,
  type Effect,
  type Negotiation,
  type NegotiationEvent,
  type Offer,
} from '../negotiation';

type Who = 0 | 1;
type Message = { type: 'offer'; offer: Offer } | { type: 'answer'; answer: Answer };
type Work = Extract<Effect, { type: 'make-offer' | 'answer-offer' | 'apply-answer' }>;

export type WorldAction =
  | { do: 'work' | 'want' | 'replace' | 'fail' | 'timeout'; who: Who }
  | { do: 'deliver' | 'repeat' | 'lose'; who: Who; which: number };

/** A connection is a number; what is in force on it are the ids of an offer and its answer. */
interface Side {
  state: Negotiation;
  work: Work | null;
  session: number;
  version: number;
  /** The offer agreed on, by id, with both sessions. */
  agreed: string | null;
  /** What the owner of a broken link does after a while. */
  broken: boolean;
}

const CALM_ROUNDS = 60;

export class World {
  readonly #sides: [Side, Side] = [side(false), side(true)];
  /** Messages on their way to each side. */
  readonly #wires: [Message[], Message[]] = [[], []];
  #clock = 0;

  constructor() {
    this.#tell(0, { type: 'negotiate' });
  }

  act(action: WorldAction): void {
    switch (action.do) {
      case 'work':
        this.#work(action.who);
        break;
      case 'want':
        this.#tell(action.who, { type: 'negotiate' });
        break;
      case 'replace':
        this.#tell(action.who, { type: 'replace' });
        break;
      case 'fail':
        if (this.#sides[action.who].work) this.#finish(action.who, { type: 'failed' });
        break;
      case 'timeout':
        this.#tell(action.who, { type: 'timeout' });
        break;
      default:
        this.#carry(action.who, action.do, action.which);
    }
  }

  /** The network is kind from now on, timers run, nobody wants anything new. */
  calmDown(): void {
    for (let round = 0; round < CALM_ROUNDS; round += 1) {
      for (const who of [0, 1] as const) {
        this.#workOff(who);
        if (this.#sides[who].broken) this.#tell(who, { type: 'replace' });
        while (this.#wires[who].length) {
          this.#carry(who, 'deliver', 0);
          this.#workOff(who);
        }
        if (this.#sides[who].state.phase === 'offered') this.#tell(who, { type: 'timeout' });
      }
    }
  }

  /** What is wrong; null: both rest, on the same offer and answer. */
  disagreement(): string | null {
    const [a, b] = this.#sides;
    if (a.state.phase !== 'idle' || b.state.phase !== 'idle') {
      return `phases ${a.state.phase} and ${b.state.phase}`;
    }
    return a.agreed !== null && a.agreed === b.agreed
      ? null
      : `agreed on ${String(a.agreed)} and ${String(b.agreed)}`;
  }

  #carry(who: Who, how: 'deliver' | 'repeat' | 'lose', which: number): void {
    const wire = this.#wires[who];
    const index = which % Math.max(1, wire.length);
    const message = wire[index];
    if (!message) return;
    if (how === 'repeat') wire.push(message);
    else wire.splice(index, 1);
    if (how === 'deliver') this.#tell(who, message);
  }

  #tell(who: Who, event: NegotiationEvent): void {
    const { state, effects } = advance(this.#sides[who].state, event);
    this.#sides[who].state = state;
    for (const effect of effects) this.#carryOut(who, effect);
  }

  #carryOut(who: Who, effect: Effect): void {
    const mine = this.#sides[who];
    switch (effect.type) {
      case 'replace-connection':
        this.#clock += 1;
        Object.assign(mine, { session: this.#clock, version: 0, agreed: null, work: null });
        break;
      case 'send-offer':
        this.#wires[other(who)].push({ type: 'offer', offer: effect.offer });
        break;
      case 'send-answer':
        this.#wires[other(who)].push({ type: 'answer', answer: effect.answer });
        break;
      case 'broken':
        mine.broken = true;
        break;
      default:
        if (mine.work) throw new Error(`${effect.type} while ${mine.work.type} is being done`);
        mine.work = effect;
    }
  }

  #workOff(who: Who): void {
    while (this.#sides[who].work) this.#work(who);
  }

  /** Finishes what a side is doing. */
  #work(who: Who): void {
    const mine = this.#sides[who];
    const { work } = mine;
    if (!work) return;
    const origin = {
      session: `${who}:${mine.session}`,
      since: mine.session,
      version: mine.version,
    };
    if (work.type === 'apply-answer') {
      const { answer } = work;
      mine.agreed = `${String(answer.to)} = ${answer.session}`;
      this.#finish(who, { type: 'answer-applied', answer });
      return;
    }
    mine.version += 1;
    const made = { ...origin, version: mine.version, sdp: '' };
    if (work.type === 'make-offer') {
      const id = `${origin.session}.${made.version}`;
      this.#finish(who, { type: 'offer-made', offer: { ...made, id } });
    } else {
      mine.agreed = `${work.offer.id} = ${origin.session}`;
      this.#finish(who, { type: 'answer-made', answer: { ...made, to: work.offer.id } });
    }
  }

  #finish(who: Who, event: NegotiationEvent): void {
    this.#sides[who].work = null;
    this.#sides[who].broken = false;
    this.#tell(who, event);
  }
}

function side(polite: boolean): Side {
  return {
    state: initial(polite),
    work: null,
    session: 0,
    version: 0,
    agreed: null,
    broken: false,
  };
}

function other(who: Who): Who {
  return who === 0 ? 1 : 0;
}
