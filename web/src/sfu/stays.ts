/**
 * One stay after the other, and two for a moment when the room moves: a router that is lost is left
 * at once, one that the server has us leave only when everything comes by the next.
 */

import type { StreamSource } from '../session/streams';
import { Departure, type DepartureOptions } from './departure';
import type { RemoteMember } from './remote_member';
import type { Stay } from './stay';

/** In a new router, so long until everybody has published again what they did before. */
const SETTLING_MS = 2_500;

export class Stays {
  readonly #options: Omit<DepartureOptions, 'stay'>;
  #current: Stay | null = null;
  /** The stay of before, while it is still needed beside this one. */
  #departure: Departure | null = null;
  /** The router that the server has us leave, as long as we are in no other. */
  #movesFrom: string | null = null;
  #hadOne = false;
  #settlesAt = 0;

  constructor(options: Omit<DepartureOptions, 'stay'>) {
    this.#options = options;
  }

  /** The one that is to last. */
  get current(): Stay | null {
    return this.#current;
  }

  /** Those there are, the one that is to last first. */
  get all(): Stay[] {
    return [this.#current, this.#departure?.stay].filter((stay) => !!stay);
  }

  /** Whether everybody is about to publish anew what they did before. */
  get isSettling(): boolean {
    return this.#settlesAt !== 0 || this.#departure?.isReceiving === true;
  }

  /** The server has us leave a router; whether there is another to be entered. */
  moves(routerId: string): boolean {
    if (this.#current?.routerId !== routerId) return false;
    this.#movesFrom = routerId;
    return true;
  }

  /** A router is gone; whether we are in none now. News of an earlier one is no news. */
  lost(routerId: string): boolean {
    if (this.#departure?.stay.routerId === routerId) {
      this.#endDeparture(true);
      return false;
    }
    if (this.#current && this.#current.routerId !== routerId) return false;
    this.#leave();
    return true;
  }

  /** We have been let into a router, maybe the one we are in; `make` begins a stay in another. */
  enter(routerId: string, make: () => Stay): Stay {
    if (this.#current?.routerId === routerId) return this.#current;
    if (this.#current && this.#current.routerId === this.#movesFrom) this.#depart(this.#current);
    else this.#leave();
    this.#settlesAt = this.#hadOne ? this.#options.now() + SETTLING_MS : 0;
    this.#hadOne = true;
    this.#movesFrom = null;
    this.#current = make();
    return this.#current;
  }

  /** A member's track has come in one of them. */
  take(stay: Stay, member: RemoteMember, source: StreamSource, track: MediaStreamTrack): void {
    if (this.#current !== stay) return;
    if (this.#departure) this.#departure.offer(member, source, track);
    else member.media.take(source, track);
  }

  /** Does what has become due; whether everything has settled just now. */
  tick(): boolean {
    for (const stay of this.all) stay.tick();
    if (this.#current && this.#departure?.isOver(this.#current)) this.#endDeparture(false);
    if (this.#settlesAt === 0 || this.#options.now() < this.#settlesAt) return false;
    this.#settlesAt = 0;
    return true;
  }

  close(): void {
    const all = this.all;
    this.#current = this.#departure = null;
    for (const stay of all) stay.close(false);
  }

  /** The server has ended it already, with everything in it. What was shown stays. */
  #leave(): void {
    const stay = this.#current;
    this.#current = this.#movesFrom = null;
    stay?.close(true);
  }

  #depart(stay: Stay): void {
    this.#endDeparture(false);
    this.#departure = new Departure({ ...this.#options, stay });
  }

  #endDeparture(isLost: boolean): void {
    const departure = this.#departure;
    this.#departure = null;
    departure?.close(isLost);
    if (departure) for (const id of this.#options.members.keys()) this.#options.changed(id);
  }
}
