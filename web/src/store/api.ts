/**
 * What an embedding page or an engineer at the console finds at `window.crossover`.
 *
 * ```ts
 * const stop = window.crossover.data.subscribe('cursor', ({ from, payload }) => draw(from, payload));
 * window.crossover.data.publish('cursor', { x: 10, y: 20 }, { lossy: true });
 * window.crossover.room()?.mode;
 * ```
 */

import type { DataChannels } from '../session/data/channels';
import type { Mode } from '../session/media_session';
import type { Crossover } from './start';

declare global {
  interface Window {
    crossover?: CrossoverApi;
  }
}

export interface CrossoverApi {
  /**
   * Messages between the members of a room, however its media travels. Subscriptions outlive
   * calls; publishing outside a room throws an `Error`, as it does on the page's own topics.
   */
  readonly data: DataChannels;
  /** The room we are in, as it is now; null: in none. */
  room(): ApiRoom | null;
}

export interface ApiRoom {
  readonly id: string;
  readonly name: string;
  /** Ourselves. */
  readonly memberId: string;
  readonly mode: Mode;
  /** Grows with every change of the mode. */
  readonly generation: number;
  /** Everybody, ourselves included, in the order in which they came. */
  readonly members: readonly { readonly id: string; readonly name: string }[];
}

/** What the page itself says to other pages: listening is free, speaking would be forgery. */
const OWN_TOPICS: ReadonlySet<string> = new Set(['chat', 'presence', 'reaction']);

/** Puts the page's interface where other scripts find it; call it once. */
export function exposeApi(crossover: Pick<Crossover, 'store' | 'data'>): void {
  window.crossover = createApi(crossover);
}

export function createApi({ store, data }: Pick<Crossover, 'store' | 'data'>): CrossoverApi {
  return Object.freeze({
    data: Object.freeze<DataChannels>({
      publish: (topic, payload, options) => {
        if (OWN_TOPICS.has(topic)) throw new Error(`The topic "${topic}" is the page's own`);
        data.publish(topic, payload, options);
      },
      subscribe: (topic, listener) => data.subscribe(topic, listener),
    }),
    room: () => readRoom(store.getState()),
  });
}

function readRoom({ room, rtcConnection }: ReturnType<Crossover['store']['getState']>) {
  const { memberId } = rtcConnection.signaling;
  if (!room.currentRoom || memberId === null) return null;
  const { id, name, mode, generation, members } = room.currentRoom;
  const people = members.map((member) => ({ id: member.id, name: member.name ?? '' }));
  return { id, name, memberId, mode, generation, members: people };
}
