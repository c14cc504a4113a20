/**
 * The room this page wants to be in, with what it takes to come back: after a reload, after a
 * lost session, after a restart of the server. At most one.
 *
 * The tab remembers it across a reload, without the password.
 */

import type { Room } from '../signaling/protocol';

const KEY = 'crossover:membership';

export interface Wish {
  readonly roomId: string;
  readonly name: string;
  readonly password: string | null;
  /** The room's signed description; null until we have been in. */
  readonly ticket: string | null;
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export class Membership {
  readonly #storage: Store;
  #wish: Wish | null = null;
  #creating: { readonly name: string; readonly password: string | null } | null = null;

  constructor(storage: Store) {
    this.#storage = storage;
  }

  get wish(): Wish | null {
    return this.#wish;
  }

  want(wish: Omit<Wish, 'ticket'>): Wish {
    this.#creating = null;
    const remembered = this.remembered();
    const ticket = remembered?.roomId === wish.roomId ? remembered.ticket : null;
    return (this.#wish = { ...wish, ticket });
  }

  /** The next room the server creates for us is the one we want. */
  wantNew(name: string, password: string | null): void {
    this.#wish = null;
    this.#creating = { name, password };
  }

  /** Whether we (still) want to be in a room that has just let us in; keeps its ticket. */
  admitted(room: Pick<Room, 'id' | 'ticket'>, created: boolean): boolean {
    if (created && this.#creating) {
      this.#wish = { roomId: room.id, ...this.#creating, ticket: null };
      this.#creating = null;
    }
    return this.renew(room);
  }

  /** A newer ticket of the room we want to be in, which says more of it; whether we want to be. */
  renew(room: Pick<Room, 'id' | 'ticket'>): boolean {
    if (this.#wish?.roomId !== room.id) return false;
    this.#wish = { ...this.#wish, ticket: room.ticket };
    const { roomId, name, ticket } = this.#wish;
    this.#write(JSON.stringify({ roomId, name, ticket }));
    return true;
  }

  forget(): void {
    this.#wish = null;
    this.#creating = null;
    this.#write(null);
  }

  /** The room this tab was in before it was reloaded. */
  remembered(): Wish | null {
    try {
      const value: unknown = JSON.parse(this.#storage.getItem(KEY) ?? 'null');
      return isLasting(value) ? { ...value, password: null } : null;
    } catch {
      return null;
    }
  }

  #write(value: string | null): void {
    try {
      if (value === null) this.#storage.removeItem(KEY);
      else this.#storage.setItem(KEY, value);
    } catch {
      // A full or forbidden storage only costs the way back after a reload.
    }
  }
}

function isLasting(value: unknown): value is Omit<Wish, 'password'> {
  if (typeof value !== 'object' || value === null) return false;
  const { roomId, name, ticket } = value as Record<string, unknown>;
  return (
    typeof roomId === 'string' &&
    typeof name === 'string' &&
    (ticket === null || typeof ticket === 'string')
  );
}
