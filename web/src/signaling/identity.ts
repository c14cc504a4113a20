/**
 * Who this tab is.
 *
 * The resume token lives in `sessionStorage`, so that a reload keeps the person and every tab is
 * one of its own. A duplicated tab starts with a copy of that storage: a Web Lock, held for the
 * page's life, tells it that the person is already here, and it becomes somebody new. On insecure
 * origins there are no locks; there the newest tab wins, as the server decides.
 */

const KEY = 'crossover:identity';
/** How long a reloaded page may take to release what it held. */
const RELEASE_MS = 400;

export interface Credentials {
  readonly memberId: string;
  readonly resumeToken: string;
  /** Counted frames received so far. */
  readonly received: number;
}

export interface IdentityEnvironment {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly locks: Pick<LockManager, 'request'> | undefined;
}

export class Identity {
  readonly #environment: IdentityEnvironment;
  #credentials: Credentials | null = null;
  #held: { readonly memberId: string; readonly release: () => void } | null = null;

  constructor(environment: IdentityEnvironment) {
    this.#environment = environment;
  }

  get credentials(): Credentials | null {
    return this.#credentials;
  }

  /** Takes up what the tab remembers, unless another tab is that person now; whether it did. */
  async restore(): Promise<boolean> {
    const stored = this.#read();
    if (!stored) return false;
    const isFree = await this.#hold(stored.memberId, RELEASE_MS);
    if (isFree) this.#credentials = stored;
    else this.#forgetStored();
    return isFree;
  }

  /** The server has told us who we are; `received` starts over with every new session. */
  assign(memberId: string, resumeToken: string, received: number): void {
    this.#credentials = { memberId, resumeToken, received };
    this.save();
    if (this.#held?.memberId !== memberId) void this.#hold(memberId, RELEASE_MS);
  }

  /** Notes one more received frame. */
  count(): void {
    if (!this.#credentials) return;
    const { received, ...rest } = this.#credentials;
    this.#credentials = { ...rest, received: received + 1 };
  }

  /** Writes down how far we are; the page calls it when it goes away. */
  save(): void {
    try {
      this.#environment.storage.setItem(KEY, JSON.stringify(this.#credentials));
    } catch {
      // A reload makes a new person, then.
    }
  }

  close(): void {
    this.#held?.release();
    this.#held = null;
  }

  #read(): Credentials | null {
    try {
      const value: unknown = JSON.parse(this.#environment.storage.getItem(KEY) ?? 'null');
      return isCredentials(value) ? value : null;
    } catch {
      return null;
    }
  }

  #forgetStored(): void {
    try {
      this.#environment.storage.removeItem(KEY);
    } catch {
      // It will be written over.
    }
  }

  /** Whether we have the person's lock now (or there are no locks). */
  async #hold(memberId: string, patience: number): Promise<boolean> {
    const { locks } = this.#environment;
    if (!locks) return true;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), patience);
    return new Promise((resolve) => {
      const holding = (): Promise<void> => {
        clearTimeout(timer);
        resolve(true);
        return new Promise((release) => {
          this.#held?.release();
          this.#held = { memberId, release };
        });
      };
      locks
        .request(`crossover:member:${memberId}`, { signal: abort.signal }, holding)
        .catch(() => resolve(false));
    });
  }
}

function isCredentials(value: unknown): value is Credentials {
  if (typeof value !== 'object' || value === null) return false;
  const { memberId, resumeToken, received } = value as Record<string, unknown>;
  return (
    typeof memberId === 'string' && typeof resumeToken === 'string' && Number.isInteger(received)
  );
}
