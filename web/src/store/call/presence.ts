/**
 * What members tell each other about themselves, on the topic `presence`.
 *
 * Everybody is told what changed, and each newcomer how things stand. These are two audiences,
 * whose messages may overtake each other: a growing revision says which is the newer one.
 */

import type { DataMessage, Json } from '../../session/data/channels';
import type { Availability } from '../../session/presence';
import type { CallChannels } from './port';
import { isRecord, readCount, readText } from './reading';

const TOPIC = 'presence';
const MAX_NAME = 64;
const AVAILABILITIES: readonly Availability[] = ['active', 'idle', 'away'];

export interface Presence {
  /** Only shows where the server knows none. */
  readonly name: string;
  readonly status: Availability;
  readonly audio: boolean;
  readonly video: boolean;
  readonly screen: boolean;
  /** Since when the hand is up, in milliseconds since 1970 by its owner's clock. */
  readonly hand: number | null;
}

export interface PresenceContext {
  readonly data: CallChannels;
  readonly now: () => number;
  /** How things stand with us. */
  readonly own: () => Presence;
  /** Whether the server tells everybody what each publishes, and there are many to tell. */
  readonly serverTells: () => boolean;
  readonly learn: (memberId: string, presence: Presence) => void;
}

export class PresenceTopic {
  readonly #context: PresenceContext;
  readonly #known = new Map<string, number>();
  readonly #stops: readonly (() => void)[];
  #told: Presence;
  #revision = 0;

  constructor(context: PresenceContext) {
    this.#context = context;
    this.#told = context.own();
    const { data } = context;
    this.#stops = [
      data.subscribe(TOPIC, (message) => this.#hear(message)),
      data.onReached((memberId) => this.#greet(memberId)),
    ];
  }

  /** Tells everybody, if there is anything that they do not know. */
  announce(): void {
    const own = this.#context.own();
    const said: readonly (keyof Presence)[] = this.#context.serverTells()
      ? ['status', 'hand']
      : ['name', 'status', 'audio', 'video', 'screen', 'hand'];
    if (said.every((part) => own[part] === this.#told[part])) return;
    this.#told = own;
    this.#publish(own);
  }

  /** A member is gone, or its page was loaded anew. */
  forget(memberId: string): void {
    this.#known.delete(memberId);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #greet(memberId: string): void {
    const own = this.#context.own();
    const isPlain = own.status === 'active' && own.hand === null;
    if (!isPlain || !this.#context.serverTells()) this.#publish(own, memberId);
  }

  /** The time, so that also a page that was loaded anew goes on counting. */
  #publish(presence: Presence, to?: string): void {
    this.#revision = Math.max(this.#revision + 1, this.#context.now());
    const payload = { ...presence, revision: this.#revision };
    this.#context.data.publish(TOPIC, payload, to === undefined ? {} : { to });
  }

  #hear({ from, payload }: DataMessage): void {
    const revision = isRecord(payload) ? readCount(payload['revision']) : null;
    const presence = readPresence(payload);
    if (revision === null || !presence || revision <= (this.#known.get(from) ?? -1)) return;
    this.#known.set(from, revision);
    this.#context.learn(from, presence);
  }
}

/** What a member says of itself; null where it is anything else. */
export function readPresence(payload: Json): Presence | null {
  if (!isRecord(payload)) return null;
  const { audio, video, screen } = payload;
  const name = readText(payload['name'], MAX_NAME);
  const status = AVAILABILITIES.find((one) => one === payload['status']);
  const hand = payload['hand'] === null ? null : readCount(payload['hand']);
  if (name === null || !status) return null;
  if (hand === null && payload['hand'] !== null) return null;
  if (typeof audio !== 'boolean' || typeof video !== 'boolean') return null;
  return typeof screen === 'boolean' ? { name, status, audio, video, screen, hand } : null;
}
