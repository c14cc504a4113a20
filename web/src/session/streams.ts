/**
 * Everything one can look at and listen to, by member and source.
 *
 * Streams cannot live in the store; components read them with `useSyncExternalStore`: `picture` and
 * `sound` return the same object until something changed, and `subscribe` says when.
 */

export type StreamSource = 'camera' | 'screen';

/** The member id under which our own streams are kept. */
export const LOCAL = 'local';

export interface Streams {
  /** What a member's camera or screen shows, a stream for each track; null: not there. */
  picture(memberId: string, source: StreamSource): MediaStream | null;
  /** A member's microphone, or the sound of its screen: one stream, whatever its tracks. */
  sound(memberId: string, source: StreamSource): MediaStream | null;
  /** Calls `listener` whenever one of them would return something else; returns how to stop. */
  subscribe(memberId: string, source: StreamSource, listener: () => void): () => void;
}

interface Kept {
  readonly stream: MediaStream | null;
  readonly picture: MediaStream | null;
}

const NOTHING: Kept = { stream: null, picture: null };

export class StreamRegistry implements Streams {
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Map<string, Set<() => void>>();

  picture(memberId: string, source: StreamSource): MediaStream | null {
    return this.#kept.get(key(memberId, source))?.picture ?? null;
  }

  sound(memberId: string, source: StreamSource): MediaStream | null {
    return this.#kept.get(key(memberId, source))?.stream ?? null;
  }

  /**
   * Takes a stream, again whenever its tracks have changed. Another picture becomes another
   * stream: whoever shows it can show the old one until the new one has a frame, which no element
   * does when a track joins its stream.
   */
  set(memberId: string, source: StreamSource, stream: MediaStream | null): void {
    const name = key(memberId, source);
    const before = this.#kept.get(name) ?? NOTHING;
    const after = stream ? { stream, picture: pictureOf(stream, before.picture) } : NOTHING;
    if (before.stream === after.stream && before.picture === after.picture) return;
    if (stream) this.#kept.set(name, after);
    else this.#kept.delete(name);
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener();
  }

  remove(memberId: string): void {
    this.set(memberId, 'camera', null);
    this.set(memberId, 'screen', null);
  }

  /** Removes everybody else's. */
  keepOnly(memberId: string): void {
    for (const name of [...this.#kept.keys()]) {
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

/** What a stream shows, by itself; the same as before if that has not changed. */
function pictureOf(stream: MediaStream, before: MediaStream | null): MediaStream {
  const [track] = stream.getVideoTracks();
  const isSame = before !== null && before.getVideoTracks()[0] === track;
  return isSame ? before : new MediaStream(track ? [track] : []);
}

function key(memberId: string, source: StreamSource): string {
  return `${source}:${memberId}`;
}

function split(name: string): [StreamSource, string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon) as StreamSource, name.slice(colon + 1)];
}
