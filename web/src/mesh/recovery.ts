/**
 * When a link needs help, and which. Time comes in as an argument; nothing here has a timer, so
 * that none can outlive its connection.
 *
 *   nothing comes from who should offer first  → offer ourselves
 *   an offer is not answered                   → send it again, ever more slowly
 *   disconnected for two seconds               → restart ICE
 *   failed, stuck, or broken                   → a new connection, ever more slowly
 *
 * One of the two leads; the other gives it a head start, so that not both do the same at once.
 */

import type { Phase } from './negotiation';

export type Remedy = 'offer' | 'resend' | 'restart-ice' | 'replace';

export interface LinkCondition {
  readonly phase: Phase;
  readonly connection: RTCPeerConnectionState;
  /** Both descriptions are in force. */
  readonly isDescribed: boolean;
  readonly isReachable: boolean;
}

/** How long to wait for the first offer of who should make it. */
const FIRST_OFFER_MS = 2_500;
/** Clients that are not ours may call whoever enters, whatever their id: they go first. */
const FOREIGN_OFFER_MS = { leading: 500, following: 1_500 };
/** Soon at first: where they are about to hear us, they may not have been when it came. */
const RESEND_MS = 1_000;
const DISCONNECTED_MS = 2_000;
const STUCK_MS = 12_000;
const BUSY_MS = 10_000;
const REPLACE_MS = 1_000;
const SLOWEST_MS = 30_000;
const HEAD_START_MS = 2_500;
/** After as many fruitless attempts the link counts as failed; it is tried on. */
const PATIENCE = { resends: 5, replacements: 3 };

export interface Role {
  /** We make the first offer, and are impolite. */
  readonly leads: boolean;
  /** The member's client is not ours: who calls whom is not settled. */
  readonly isForeign: boolean;
}

export class Recovery {
  readonly #headStart: number;
  readonly #firstOffer: number;
  #condition = '';
  /** Since when the condition has been what it is. */
  #since: number;
  #resends = 0;
  #replacements = 0;
  #restarted = false;
  #broken = false;

  constructor({ leads, isForeign }: Role, now: number) {
    this.#headStart = leads ? 0 : HEAD_START_MS;
    const foreign = leads ? FOREIGN_OFFER_MS.leading : FOREIGN_OFFER_MS.following;
    this.#firstOffer = isForeign ? foreign : FIRST_OFFER_MS;
    this.#since = now;
  }

  get isGivenUp(): boolean {
    return this.#replacements >= PATIENCE.replacements || this.#resends >= PATIENCE.resends;
  }

  /** The negotiation could not go on. */
  broke(): void {
    this.#broken = true;
  }

  /** Forgets past failures: something has changed for the better. */
  encourage(now: number): void {
    this.#resends = 0;
    this.#replacements = 0;
    this.#since = now;
  }

  /** What to do now; asked every so often. Whatever it says is taken to be done. */
  remedy(condition: LinkCondition, now: number): Remedy | null {
    this.#observe(condition, now);
    if (!condition.isReachable) return null;
    const remedy = this.#find(condition, now - this.#since);
    if (remedy) this.#done(remedy, now);
    return remedy;
  }

  #observe({ phase, connection, isDescribed }: LinkCondition, now: number): void {
    const seen = `${phase} ${connection} ${String(isDescribed)}`;
    if (seen === this.#condition) return;
    this.#condition = seen;
    this.#since = now;
    if (phase !== 'offered') this.#resends = 0;
    if (connection !== 'connected') return;
    this.#replacements = 0;
    this.#restarted = false;
    this.#broken = false;
  }

  #find({ phase, connection, isDescribed }: LinkCondition, waited: number): Remedy | null {
    if (phase === 'closed') return null;
    if (phase === 'offered') return waited >= slower(RESEND_MS, this.#resends) ? 'resend' : null;
    if (phase !== 'idle') return waited >= BUSY_MS ? 'replace' : null;
    if (connection === 'connected') return null;
    if (this.#broken) return this.#replaceAfter(REPLACE_MS, waited);
    if (!isDescribed) return waited >= this.#firstOffer ? 'offer' : null;
    return this.#findForIce(connection, waited);
  }

  #findForIce(connection: RTCPeerConnectionState, waited: number): Remedy | null {
    if (connection === 'failed' || connection === 'closed') {
      return this.#replaceAfter(this.#replacements ? REPLACE_MS : 0, waited);
    }
    if (connection === 'disconnected' && !this.#restarted) {
      return waited >= DISCONNECTED_MS + this.#headStart ? 'restart-ice' : null;
    }
    return this.#replaceAfter(STUCK_MS, waited);
  }

  #replaceAfter(delay: number, waited: number): Remedy | null {
    return waited >= slower(delay, this.#replacements) + this.#headStart ? 'replace' : null;
  }

  #done(remedy: Remedy, now: number): void {
    this.#since = now;
    if (remedy === 'resend') this.#resends += 1;
    if (remedy === 'restart-ice') this.#restarted = true;
    if (remedy === 'replace') {
      this.#replacements += 1;
      this.#broken = false;
      this.#restarted = false;
    }
  }
}

function slower(delay: number, attempts: number): number {
  return Math.min(SLOWEST_MS, delay * 2 ** attempts);
}
