/**
 * Every stream one can look at, by member and source.
 *
 * Streams cannot live in the store; components read them with `useSyncExternalStore`:
 * `get` returns the same object until something changed, and `subscribe` says when.
 */

export type StreamSource = 'camera' | 'screen';

/** The member id under which our own streams are kept. */
export const LOCAL = 'local';

export interface Streams {
  /** A member's camera and microphone, or screen and its sound; null: not there. */
  get(memberId: string, source: StreamSource): MediaStream | null;
  /** Calls `listener` whenever `get` would return something else; returns how to stop. */
  subscribe(memberId: string, source: StreamSource, listener: () => void): () => void;
}

export class StreamRegistry implements Streams {
  readonly #streams = new Map<string, MediaStream>();
  readonly #listeners = new Map<string, Set<() => void>>();

  get(memberId: string, source: StreamSource): MediaStream | null {
    return this.#streams.get(key(memberId, source)) ?? null;
  }

  set(memberId: string, source: StreamSource, stream: MediaStream | null): void {
    const name = key(memberId, source);
    if ((this.#streams.get(name) ?? null) === stream) return;
    if (stream) this.#streams.set(name, stream);
    else this.#streams.delete(name);
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener();
  }

  remove(memberId: string): void {
    this.set(memberId, 'camera', null);
    this.set(memberId, 'screen', null);
  }

  /** Removes everybody else's. */
  keepOnly(memberId: string): void {
    for (const name of [...this.#streams.keys()]) {
      const [source, owner] = split(name);
      if (owner !== memberId) this.set(owner, source, null);
    }
  }

  subscribe(memberId: string, source: StreamSource, listener: () => void): () => void {
    const name = key(memberId, source);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (!listeners.size && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    };
  }
}

function key(memberId: string, source: StreamSource): string {
  return `${source}:${memberId}`;
}

function split(name: string): [StreamSource, string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon) as StreamSource, name.slice(colon + 1)];
}
