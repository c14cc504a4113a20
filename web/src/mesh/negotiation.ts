/**
 * How two members agree on what they exchange: perfect negotiation (W3C WebRTC §10.7) as a table.
 *
 * One machine per link. It sees no connection: it is told what happened and says what to do, and
 * at most one thing is being done to the connection at any time.
 *
 *                     negotiate                 offer-made
 *        ┌────────► idle ────────► offering ──────────────► offered ──┐ timeout: send it again
 *        │           │ ▲               │ held offer            │  ▲───┘
 *        │    offer  │ │ answer-made   │ (polite)              │ answer
 *        │           ▼ │               ▼                       ▼
 *        │        answering ◄──────────┴──── offer ◄─────── completing
 *        │           ▲                    (polite)             │ answer-applied
 *        └───────────┴─────────────────────────────────────────┘
 *
 * - Glare: who is polite gives up its own offer and answers; who is not ignores the other's.
 * - What arrives while something is being done waits (`held`, `wanted`); the newest offer wins.
 * - An offer that was answered before is answered again with the same words, not applied again:
 *   the answer was lost. An older one is ignored.
 * - An offer from another connection than before (`session`) means that theirs is a new one, so
 *   ours has to be too. An answer from another connection is of no use: start over.
 * - `replace` starts over with a new connection; `close` ends everything.
 */

/** Where a description comes from. */
export interface Origin {
  /** The connection that made it. */
  readonly session: string;
  /** When that connection was made, in milliseconds; null: the other side does not say. */
  readonly since: number | null;
  /** Grows with every description of that connection. */
  readonly version: number;
}

export interface Offer extends Origin {
  /** Equal for copies of the same offer only. */
  readonly id: string;
  readonly sdp: string;
}

export interface Answer extends Origin {
  /** The offer it answers; null: the other side does not say. */
  readonly to: string | null;
  readonly sdp: string;
}

export type Phase = 'idle' | 'offering' | 'offered' | 'answering' | 'completing' | 'closed';

export interface Negotiation {
  readonly phase: Phase;
  readonly polite: boolean;
  /** Something changed that needs another round. */
  readonly wanted: boolean;
  /** Our offer that waits for its answer. */
  readonly offer: Offer | null;
  /** Their offer that is being answered. */
  readonly applying: Offer | null;
  /** Their offer that waits until what is being done is done. */
  readonly held: Offer | null;
  /** What we answered last, for those who ask again. */
  readonly answered: Answer | null;
  /** Their description in force. */
  readonly remote: Origin | null;
  /** The newest of their descriptions ever in force; outlives our connections. */
  readonly newest: Origin | null;
  /** Whether this connection of ours has completed a round. */
  readonly established: boolean;
  /** Whether the offer being answered is tried on a new connection already. */
  readonly fresh: boolean;
}

export type NegotiationEvent =
  | { readonly type: 'negotiate' }
  | { readonly type: 'offer-made'; readonly offer: Offer }
  | { readonly type: 'answer-made'; readonly answer: Answer }
  | { readonly type: 'answer-applied'; readonly answer: Answer }
  | { readonly type: 'failed' }
  | { readonly type: 'offer'; readonly offer: Offer }
  | { readonly type: 'answer'; readonly answer: Answer }
  | { readonly type: 'timeout' }
  | { readonly type: 'replace' }
  | { readonly type: 'close' };

/** `make-offer`, `answer-offer` and `apply-answer` take time; each ends in an event or `failed`. */
export type Effect =
  | { readonly type: 'make-offer' }
  | { readonly type: 'answer-offer'; readonly offer: Offer; readonly rollback: boolean }
  | { readonly type: 'apply-answer'; readonly answer: Answer }
  | { readonly type: 'send-offer'; readonly offer: Offer }
  | { readonly type: 'send-answer'; readonly answer: Answer }
  | { readonly type: 'replace-connection' }
  /** It cannot be done this way; the owner should `replace`, but not at once for ever. */
  | { readonly type: 'broken' };

export interface Step {
  readonly state: Negotiation;
  readonly effects: readonly Effect[];
}

export function initial(polite: boolean): Negotiation {
  return {
    phase: 'idle',
    polite,
    wanted: false,
    offer: null,
    applying: null,
    held: null,
    answered: null,
    remote: null,
    newest: null,
    established: false,
    fresh: false,
  };
}

export function advance(state: Negotiation, event: NegotiationEvent): Step {
  // The table has a row for every phase and a cell for every event, so this is the only place
  // where an event meets a cell of its own type.
  const cell = TABLE[state.phase][event.type] as (s: Negotiation, e: NegotiationEvent) => Step;
  return cell(state, event);
}

type EventOf<T extends NegotiationEvent['type']> = Extract<NegotiationEvent, { type: T }>;
type Row = {
  readonly [T in NegotiationEvent['type']]: (state: Negotiation, event: EventOf<T>) => Step;
};

const ignore = (state: Negotiation): Step => ({ state, effects: [] });
const remember = (state: Negotiation): Step => ignore({ ...state, wanted: true });
const close = ({ polite }: Negotiation): Step => ignore({ ...initial(polite), phase: 'closed' });

/** Whether an offer is a copy we have answered, too late, or news. */
function judge(state: Negotiation, offer: Offer): 'answered' | 'late' | 'news' {
  if (state.answered?.to === offer.id) return 'answered';
  const { applying, held, newest } = state;
  if (offer.id === applying?.id || offer.id === held?.id) return 'late';
  return [applying, held, newest].some((known) => known && isBefore(offer, known))
    ? 'late'
    : 'news';
}

function isBefore(one: Origin, other: Origin): boolean {
  if (one.session === other.session) return one.version < other.version;
  return one.since !== null && other.since !== null && one.since < other.since;
}

/** Acts on an offer only if it is news; a copy of the last one gets the last answer. */
function onNews(act: (state: Negotiation, offer: Offer) => Step) {
  return (state: Negotiation, { offer }: EventOf<'offer'>): Step => {
    const verdict = judge(state, offer);
    if (verdict === 'news') return act(state, offer);
    const answer = verdict === 'answered' ? state.answered : null;
    return { state, effects: answer ? [{ type: 'send-answer', answer }] : [] };
  };
}

const hold = (state: Negotiation, held: Offer): Step => ignore({ ...state, held });

/** The state without connection: what was agreed on is void, who is who stays. */
function detached({ polite, held, newest }: Negotiation): Negotiation {
  return { ...initial(polite), held, newest };
}

function startOffer(state: Negotiation): Step {
  return {
    state: { ...state, phase: 'offering', wanted: false, offer: null },
    effects: [{ type: 'make-offer' }],
  };
}

/**
 * Answers an offer, on this connection or a new one. An offer of our own that never took hold is
 * given up together with its connection: rolled back, it would leave its media sections behind.
 */
function startAnswer(state: Negotiation, offer: Offer): Step {
  const isForeign = state.remote !== null && state.remote.session !== offer.session;
  const hasOffer = state.offer !== null;
  if (isForeign || (hasOffer && !state.established)) return answerAfresh(state, offer);
  return {
    state: {
      ...state,
      phase: 'answering',
      applying: offer,
      held: null,
      offer: null,
      wanted: state.wanted || hasOffer,
      fresh: !state.established,
    },
    effects: [{ type: 'answer-offer', offer, rollback: hasOffer }],
  };
}

/** Also gives up an offer of our own; whatever it was about is offered again afterwards. */
function answerAfresh(state: Negotiation, offer: Offer): Step {
  return {
    state: {
      ...detached(state),
      phase: 'answering',
      applying: offer,
      held: null,
      wanted: state.wanted || state.offer !== null || state.phase === 'offering',
      fresh: true,
    },
    effects: [{ type: 'replace-connection' }, { type: 'answer-offer', offer, rollback: false }],
  };
}

/** Starts over with a new connection: answers what waits, or offers. */
function replace(state: Negotiation): Step {
  if (state.held) return answerAfresh({ ...state, wanted: true }, state.held);
  const { state: next, effects } = startOffer(detached(state));
  return { state: next, effects: [{ type: 'replace-connection' }, ...effects] };
}

/** Nothing is being done any more: what waited is next. */
function settle(state: Negotiation, done: readonly Effect[]): Step {
  const rested: Negotiation = { ...state, phase: 'idle', offer: null, applying: null, held: null };
  // What was news when it came may be late by now.
  const next =
    state.held && judge(rested, state.held) === 'news'
      ? startAnswer(rested, state.held)
      : rested.wanted
        ? startOffer(rested)
        : ignore(rested);
  return { state: next.state, effects: [...done, ...next.effects] };
}

function offerMade(state: Negotiation, { offer }: EventOf<'offer-made'>): Step {
  const made = { ...state, offer };
  // They offered meanwhile and we are polite: ours is never sent.
  if (made.held) return startAnswer(made, made.held);
  return { state: { ...made, phase: 'offered' }, effects: [{ type: 'send-offer', offer }] };
}

function answerMade(state: Negotiation, { answer }: EventOf<'answer-made'>): Step {
  const answered: Negotiation = {
    ...state,
    answered: answer,
    remote: state.applying,
    newest: state.applying,
    established: true,
  };
  // A newer offer of theirs says that nobody waits for this answer any more.
  return settle(answered, state.held ? [] : [{ type: 'send-answer', answer }]);
}

function answered(state: Negotiation, { answer }: EventOf<'answer'>): Step {
  if (answer.to !== null && answer.to !== state.offer?.id) return ignore(state);
  const isForeign = state.remote !== null && state.remote.session !== answer.session;
  if (isForeign) return replace(state);
  return {
    state: { ...state, phase: 'completing' },
    effects: [{ type: 'apply-answer', answer }],
  };
}

function answerApplied(state: Negotiation, { answer }: EventOf<'answer-applied'>): Step {
  const { session, since, version } = answer;
  const remote = { session, since, version };
  return settle({ ...state, remote, newest: remote, established: true }, []);
}

/** What could not be done here is tried once on a new connection. */
function answerFailed(state: Negotiation): Step {
  const next = state.held ?? (state.fresh ? null : state.applying);
  return next ? answerAfresh(state, next) : settle(state, [{ type: 'broken' }]);
}

/** Not tried again at once, but after the next round at the latest. */
function offerFailed(state: Negotiation): Step {
  if (state.held) return answerAfresh(state, state.held);
  const rested: Negotiation = { ...state, phase: 'idle', offer: null, wanted: true };
  return { state: rested, effects: [{ type: 'broken' }] };
}

const TABLE: Readonly<Record<Phase, Row>> = {
  idle: {
    negotiate: startOffer,
    'offer-made': ignore,
    'answer-made': ignore,
    'answer-applied': ignore,
    failed: ignore,
    offer: onNews(startAnswer),
    answer: ignore,
    timeout: ignore,
    replace,
    close,
  },
  offering: {
    negotiate: remember,
    'offer-made': offerMade,
    'answer-made': ignore,
    'answer-applied': ignore,
    failed: offerFailed,
    offer: onNews((state, offer) => (state.polite ? hold(state, offer) : ignore(state))),
    answer: ignore,
    timeout: ignore,
    replace,
    close,
  },
  offered: {
    negotiate: remember,
    'offer-made': ignore,
    'answer-made': ignore,
    'answer-applied': ignore,
    failed: ignore,
    offer: onNews((state, offer) => (state.polite ? startAnswer(state, offer) : ignore(state))),
    answer: answered,
    timeout: (state) => ({
      state,
      effects: state.offer ? [{ type: 'send-offer', offer: state.offer }] : [],
    }),
    replace,
    close,
  },
  answering: {
    negotiate: remember,
    'offer-made': ignore,
    'answer-made': answerMade,
    'answer-applied': ignore,
    failed: answerFailed,
    offer: onNews(hold),
    answer: ignore,
    timeout: ignore,
    replace,
    close,
  },
  completing: {
    negotiate: remember,
    'offer-made': ignore,
    'answer-made': ignore,
    'answer-applied': answerApplied,
    failed: offerFailed,
    offer: onNews(hold),
    answer: ignore,
    timeout: ignore,
    replace,
    close,
  },
  closed: {
    negotiate: ignore,
    'offer-made': ignore,
    'answer-made': ignore,
    'answer-applied': ignore,
    failed: ignore,
    offer: ignore,
    answer: ignore,
    timeout: ignore,
    replace: ignore,
    close: ignore,
  },
};
