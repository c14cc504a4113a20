/** What arrives from a member, told whenever it changes. */

import type { Published, SessionEvent } from '../session/media_session';
import { RemoteMedia } from '../session/remote_media';
import type { StreamSource } from '../session/streams';

export class Arrivals {
  readonly #media = new RemoteMedia(() => this.#changed());
  readonly #memberId: string;
  readonly #emit: (event: SessionEvent) => void;
  #published: Published | null = null;

  constructor(memberId: string, emit: (event: SessionEvent) => void) {
    this.#memberId = memberId;
    this.#emit = emit;
  }

  /** Whether anything of theirs is to be heard or seen. */
  get flows(): boolean {
    return this.#media.flows('audio') || this.#media.flows('video');
  }

  take(source: StreamSource, track: MediaStreamTrack): void {
    this.#media.take(source, track);
  }

  #changed(): void {
    const [memberId, emit] = [this.#memberId, this.#emit];
    for (const source of ['camera', 'screen'] as const) {
      emit({ type: 'stream', memberId, source, stream: this.#media.stream(source) });
    }
    const screen = this.#media.stream('screen')?.getTracks() ?? [];
    const published: Published = {
      audio: this.#media.flows('audio'),
      video: this.#media.flows('video'),
      screen: screen.some(({ muted, readyState }) => !muted && readyState === 'live'),
    };
    if (isSame(this.#published, published)) return;
    this.#published = published;
    emit({ type: 'published', memberId, published, byServer: false });
  }
}

function isSame(one: Published | null, other: Published): boolean {
  return one?.audio === other.audio && one.video === other.video && one.screen === other.screen;
}
