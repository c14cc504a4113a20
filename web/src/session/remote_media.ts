/**
 * What a member sends us, as streams that last as long as the member: when a connection is
 * replaced, new tracks take the places of the old ones in the same streams, and what shows them
 * keeps its last picture meanwhile.
 */

import type { StreamSource } from './streams';

export class RemoteMedia {
  readonly #streams = { camera: new MediaStream(), screen: new MediaStream() };
  readonly #changed: () => void;

  /** `changed`: a track has started or stopped to carry anything. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** A member's stream; null: there has never been a track for it. */
  stream(source: StreamSource): MediaStream | null {
    const stream = this.#streams[source];
    return stream.getTracks().length ? stream : null;
  }

  take(source: StreamSource, track: MediaStreamTrack): void {
    const stream = this.#streams[source];
    for (const old of stream.getTracks()) {
      if (old.kind === track.kind && old !== track) stream.removeTrack(old);
    }
    stream.addTrack(track);
    track.addEventListener('mute', this.#changed);
    track.addEventListener('unmute', this.#changed);
    this.#changed();
  }

  /** A track that will never carry anything again, unless another has taken its place. */
  drop(source: StreamSource, track: MediaStreamTrack): void {
    this.#streams[source].removeTrack(track);
    this.#changed();
  }

  /** Whether anything arrives in the member's sound or picture. */
  flows(kind: 'audio' | 'video'): boolean {
    return this.#streams.camera
      .getTracks()
      .some((track) => track.kind === kind && !track.muted && track.readyState === 'live');
  }
}
