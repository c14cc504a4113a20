import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  advance,
  initial,
  type Effect,
  type Negotiation,
  type NegotiationEvent,
} from './negotiation';
import { offer } from './testing/descriptions';
import { World } from './testing/negotiating_world';

const PHASES = ['idle', 'offering', 'offered', 'answering', 'completing', 'closed'] as const;
const answer = { to: 'theirs 1', session: 'ours', since: 0, version: 1, sdp: '' };
const EVENTS: readonly NegotiationEvent[] = [
  { type: 'negotiate' },
  { type: 'offer-made', offer: offer('ours', 1) },
  { type: 'answer-made', answer },
  { type: 'answer-applied', answer: { ...answer, session: 'theirs' } },
  { type: 'failed' },
  { type: 'offer', offer: offer('theirs', 1) },
  { type: 'answer', answer: { ...answer, to: 'ours 1', session: 'theirs' } },
  { type: 'timeout' },
  { type: 'replace' },
  { type: 'close' },
];

function run(state: Negotiation, ...events: readonly NegotiationEvent[]) {
  const effects: Effect[] = [];
  let current = state;
  for (const event of events) {
    const step = advance(current, event);
    current = step.state;
    effects.push(...step.effects);
  }
  return { state: current, effects, types: effects.map(({ type }) => type) };
}

describe('the table', () => {
  it('has an answer to every event in every phase, and does one thing at a time', () => {
    const takesTime = ['make-offer', 'answer-offer', 'apply-answer'];
    for (const polite of [true, false]) {
      for (const phase of PHASES) {
        for (const event of EVENTS) {
          const before = { ...initial(polite), phase, applying: offer('theirs', 0) };
          const { state, effects } = advance(before, event);
          expect(PHASES).toContain(state.phase);
          const begun = effects.filter(({ type }) => takesTime.includes(type)).length;
          const busy = ['offering', 'answering', 'completing'];
          const goesOn = busy.includes(phase) && phase === state.phase && begun === 0;
          expect(begun + (goesOn ? 1 : 0)).toBe(busy.includes(state.phase) ? 1 : 0);
        }
      }
    }
  });

  it('leaves nothing alive after close', () => {
    for (const event of EVENTS) {
      const { state, effects } = run(
        initial(true),
        { type: 'negotiate' },
        { type: 'close' },
        event,
      );
      expect(state.phase).toBe('closed');
      expect(effects.map(({ type }) => type)).toEqual(['make-offer']);
    }
  });
});

describe('a negotiation', () => {
  const offered = run(
    initial(false),
    { type: 'negotiate' },
    { type: 'offer-made', offer: offer('ours', 1) },
  ).state;

  it('ignores the other offer in glare when impolite', () => {
    const { state, effects } = run(offered, { type: 'offer', offer: offer('theirs', 1) });
    expect(state).toBe(offered);
    expect(effects).toEqual([]);
  });

  it('gives up its own offer in glare when polite, with a connection that never took hold', () => {
    const { state, types } = run(
      { ...offered, polite: true },
      { type: 'offer', offer: offer('theirs', 1) },
    );
    expect(state.phase).toBe('answering');
    expect(types).toEqual(['replace-connection', 'answer-offer']);
  });

  it('rolls its own offer back on an established connection, and offers again later', () => {
    const established = { ...offered, polite: true, established: true };
    const { state, effects } = run(established, { type: 'offer', offer: offer('theirs', 1) });
    expect(effects).toEqual([{ type: 'answer-offer', offer: offer('theirs', 1), rollback: true }]);
    expect(state.wanted).toBe(true);
  });

  it('answers the same offer twice with the same words and applies it once', () => {
    const { types } = run(
      initial(true),
      { type: 'offer', offer: offer('theirs', 1) },
      { type: 'offer', offer: offer('theirs', 1) },
      { type: 'answer-made', answer },
      { type: 'offer', offer: offer('theirs', 1) },
    );
    expect(types).toEqual(['answer-offer', 'send-answer', 'send-answer']);
  });

  it('ignores stale answers', () => {
    const stale = { ...answer, to: 'ours 0', session: 'theirs' };
    expect(run(offered, { type: 'answer', answer: stale }).types).toEqual([]);
    expect(run(initial(true), { type: 'answer', answer: stale }).types).toEqual([]);
  });

  it('takes an answer that does not say what it answers', () => {
    const plain = { ...answer, to: null, session: 'theirs' };
    expect(run(offered, { type: 'answer', answer: plain }).types).toEqual(['apply-answer']);
  });

  it('makes a new connection for a new connection of theirs', () => {
    const { types, state } = run(
      initial(true),
      { type: 'offer', offer: offer('theirs', 1) },
      { type: 'answer-made', answer },
      { type: 'offer', offer: offer('theirs after reload', 1) },
    );
    expect(types.slice(2)).toEqual(['replace-connection', 'answer-offer']);
    expect(state.remote).toBeNull();
  });

  it('starts over when the answer comes from another connection than before', () => {
    const established = {
      ...offered,
      established: true,
      remote: { session: 'theirs', since: null, version: 1 },
    };
    const foreign = { ...answer, to: 'ours 1', session: 'theirs after reload' };
    expect(run(established, { type: 'answer', answer: foreign }).types).toEqual([
      'replace-connection',
      'make-offer',
    ]);
  });

  it('tries an offer that cannot be applied once on a new connection', () => {
    const { types } = run(
      { ...initial(true), established: true },
      { type: 'offer', offer: offer('theirs', 1) },
      { type: 'failed' },
      { type: 'failed' },
    );
    expect(types).toEqual(['answer-offer', 'replace-connection', 'answer-offer', 'broken']);
  });

  it('repeats its offer until it is answered', () => {
    expect(run(offered, { type: 'timeout' }, { type: 'timeout' }).types).toEqual([
      'send-offer',
      'send-offer',
    ]);
  });
});

describe('two members', () => {
  it('agree in the end, whatever happens to their messages', { timeout: 60_000 }, () => {
    const action = fc.oneof(
      { weight: 10, arbitrary: fc.record({ do: fc.constant('work' as const), who: side() }) },
      {
        weight: 12,
        arbitrary: fc.record({
          do: fc.constant('deliver' as const),
          who: side(),
          which: fc.nat(5),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('repeat' as const), who: side(), which: fc.nat(5) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('lose' as const), who: side(), which: fc.nat(5) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('want' as const), who: side() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), who: side() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), who: side() }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('timeout' as const), who: side() }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 120, size: 'max' }), (actions) => {
        const world = new World();
        for (const one of actions) world.act(one);
        world.calmDown();
        expect(world.disagreement()).toBeNull();
      }),
      { numRuns: 1500 },
    );
  });

  function side() {
    return fc.constantFrom(0 as const, 1 as const);
  }
});
