/**
 * A moment's feelings, on the lossy topic `reaction`: shown for a few seconds or not at all.
 *
 * They come from other people's machines: only what the page itself can say is shown, and of each
 * member only so many at once.
 */

import type { Json } from '../../session/data/channels';
import { Allowance } from './allowance';
import type { CallData } from './data';
import { isRecord } from './reading';

const TOPIC = 'reaction';
const AT_ONCE = 5;
const WINDOW_MS = 3_000;

export const REACTIONS = ['👍', '❤️', '😂', '🎉', '😮', '👏'] as const;
export type Reaction = (typeof REACTIONS)[number];

interface ReactionContext {
  readonly data: CallData;
  /** A member's reaction, or (null) our own. */
  readonly show: (from: string | null, reaction: Reaction) => void;
  /** Milliseconds. */
  readonly now: () => number;
}

export class ReactionTopic {
  readonly #context: ReactionContext;
  readonly #allowances = new Map<string | null, Allowance>();

  constructor(context: ReactionContext) {
    this.#context = context;
    context.data.subscribe(TOPIC, ({ from, payload }) => {
      const reaction = readReaction(payload);
      if (reaction) this.#show(from, reaction);
    });
  }

  send(reaction: Reaction): void {
    if (this.#show(null, reaction)) {
      this.#context.data.publish(TOPIC, { reaction }, { lossy: true });
    }
  }

  forget(memberId: string): void {
    this.#allowances.delete(memberId);
  }

  #show(from: string | null, reaction: Reaction): boolean {
    const allowance = this.#allowances.get(from) ?? new Allowance(AT_ONCE, WINDOW_MS);
    this.#allowances.set(from, allowance);
    const isAllowed = allowance.take(this.#context.now());
    if (isAllowed) this.#context.show(from, reaction);
    return isAllowed;
  }
}

export function readReaction(payload: Json): Reaction | null {
  if (!isRecord(payload)) return null;
  return REACTIONS.find((one) => one === payload['reaction']) ?? null;
}
