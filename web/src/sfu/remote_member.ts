/** Another member as we hear and see it; outlives routers, transports and consumers. */

import type { PictureLimit, Published, SessionEvent } from '../session/media_session';
import type { PeerPhase } from '../session/peer_phase';
import { RemoteMedia } from '../session/remote_media';
import type { StreamSource } from '../session/streams';
import type { Producer } from '../signaling/protocol';

export class RemoteMember {
  readonly id: string;
  readonly media: RemoteMedia;
  /** Gone from the list; to be let go then, unless it comes back. */
  leavesAt: number | null = null;
  wasConnected = false;
  /** Nothing has come from it for a while, though it should: its way to the server is broken. */
  isSilent = false;
  readonly #emit: (event: SessionEvent) => void;
  /** The tracks of each stream, as told last. */
  readonly #told = new Map<StreamSource, readonly MediaStreamTrack[]>();
  /** What its pictures lack, as told last. */
  readonly #limits = new Map<StreamSource, PictureLimit | null>();
  /** Has said anything on its channel. */
  #hasSpoken = false;
  #published: Published | null = null;
  #phase: PeerPhase = 'disconnected';
  #isChannelOpen = false;

  /** `changed`: a track has started or stopped to carry anything. */
  constructor(id: string, emit: (event: SessionEvent) => void, changed: () => void) {
    this.id = id;
    this.#emit = emit;
    this.media = new RemoteMedia(changed);
  }

  get isHeard(): boolean {
    return this.#hasSpoken || this.media.flows('audio') || this.media.flows('video');
  }

  /** Whether it has been told what the member publishes. */
  get isShown(): boolean {
    return this.#published !== null;
  }

  /** Passes on what came on a channel; whether it is the first that ever did. */
  hear(text: string, lossy: boolean): boolean {
    const isFirst = !this.#hasSpoken;
    this.#hasSpoken = true;
    this.#emit({ type: 'data', memberId: this.id, text, lossy });
    return isFirst;
  }

  /**
   * What it publishes is the server's word, and better than its own. `settling`: everybody is
   * about to publish anew what they did before; what they have not yet is not gone.
   */
  show(producers: readonly Producer[], settling: boolean): void {
    const sends = (source: Producer['source']) =>
      producers.some((one) => one.source === source && !one.paused);
    const before = settling ? this.#published : null;
    const published: Published = {
      audio: before?.audio === true || sends('microphone'),
      video: before?.video === true || sends('camera'),
      screen: before?.screen === true || sends('screen'),
    };
    this.#showStream('camera', this.media.stream('camera'));
    this.#showStream('screen', published.screen ? this.media.stream('screen') : null);
    if (isSame(this.#published, published)) return;
    this.#published = published;
    this.#emit({ type: 'published', memberId: this.id, published, byServer: true });
  }

  /** Whether the server holds a picture back until our network carries it. */
  isHeldBack(source: StreamSource): boolean {
    const limit = this.#limits.get(source);
    return limit?.by === 'bandwidth' && limit.paused;
  }

  /** Why a picture is not as good as we wish; null: it is. */
  limit(source: StreamSource, limit: PictureLimit | null): void {
    const told = this.#limits.get(source) ?? null;
    if (told?.by === limit?.by && told?.paused === limit?.paused) return;
    this.#limits.set(source, limit);
    this.#emit({ type: 'limited', memberId: this.id, source, limit });
  }

  /** Nothing is received of it any more, nor looked for. */
  hide(): void {
    for (const source of ['camera', 'screen'] as const) {
      for (const track of this.media.stream(source)?.getTracks() ?? []) {
        this.media.drop(source, track);
      }
      this.#showStream(source, null);
    }
    if (!this.#published) return;
    this.#published = null;
    this.#emit({ type: 'published', memberId: this.id, published: null, byServer: true });
  }

  enter(phase: PeerPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.wasConnected ||= phase === 'active' || phase === 'connected' || phase === 'channel-open';
    this.#emit({ type: 'phase', memberId: this.id, phase });
  }

  setChannel(isOpen: boolean): void {
    if (isOpen === this.#isChannelOpen) return;
    this.#isChannelOpen = isOpen;
    this.#emit({ type: 'channel', memberId: this.id, isOpen });
  }

  #showStream(source: StreamSource, stream: MediaStream | null): void {
    const tracks = stream?.getTracks() ?? [];
    const told = this.#told.get(source) ?? [];
    if (tracks.length === told.length && tracks.every((one) => told.includes(one))) return;
    this.#told.set(source, tracks);
    this.#emit({ type: 'stream', memberId: this.id, source, stream });
  }
}

function isSame(one: Published | null, other: Published): boolean {
  return one?.audio === other.audio && one.video === other.video && one.screen === other.screen;
}
