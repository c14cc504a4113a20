/** What one engine brings of one member. */

import type { SessionEvent } from '../media_session';
import type { PeerPhase } from '../peer_phase';
import type { StreamSource } from '../streams';
import type { FrameWatcher } from './frames';
import { isConnected } from './phases';

export type PublishedEvent = Extract<SessionEvent, { type: 'published' }>;
export type Word = Pick<PublishedEvent, 'published' | 'byServer'>;

/** The jitter buffer has found its length. */
export const STEADY_MS = 200;

export const NO_WORD: Word = { published: null, byServer: false };

export class Way {
  word: Word = NO_WORD;
  readonly #streams: Record<StreamSource, MediaStream | null> = { camera: null, screen: null };
  readonly #decoded = new WeakSet<MediaStreamTrack>();
  readonly #watches = new Map<MediaStreamTrack, () => void>();
  #phase: PeerPhase = 'disconnected';
  #connectedAt: number | null = null;
  /** Since when the member's sound is known to arrive. */
  #heardSince: number | null = null;
  #isLive = false;
  #isAudible = false;

  /** Media comes by it; otherwise it is only kept ready. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** A connection of before has not brought any media yet. */
  setLive(isLive: boolean, now: number): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    if (this.#connectedAt !== null) this.#connectedAt = now;
  }

  get phase(): PeerPhase {
    return this.#phase;
  }

  enter(phase: PeerPhase, now: number): void {
    this.#phase = phase;
    this.#connectedAt = isConnected(phase) ? (this.#connectedAt ?? now) : null;
  }

  /** How long it has been connected, and live; null: it is not. */
  connectedFor(now: number): number | null {
    return this.#connectedAt === null ? null : now - this.#connectedAt;
  }

  take(source: StreamSource, stream: MediaStream | null): void {
    this.#streams[source] = stream;
    if (!this.#isAudible) this.setAudible(false);
    const current = new Set([...this.tracks('camera'), ...this.tracks('screen')]);
    for (const track of this.#watches.keys()) if (!current.has(track)) this.#unwatch(track);
  }

  has(source: StreamSource): boolean {
    return this.#streams[source] !== null;
  }

  tracks(source: StreamSource): readonly MediaStreamTrack[] {
    return this.#streams[source]?.getTracks() ?? [];
  }

  /** A member's picture, whether anything comes or not. */
  picture(source: StreamSource): MediaStreamTrack | null {
    return this.tracks(source).find(({ kind }) => kind === 'video') ?? null;
  }

  /** The server says that there is no sound to be heard. */
  get isMute(): boolean {
    return this.word.byServer && this.word.published?.audio === false;
  }

  /** Whether the member's sound arrives, be it silence. */
  get isHeard(): boolean {
    return this.tracks('camera').some((track) => track.kind === 'audio' && flows(track));
  }

  /** Whether it has arrived for a while: a voice that has just begun is made up in part. */
  isSteady(now: number): boolean {
    if (!this.isHeard) this.#heardSince = null;
    else this.#heardSince ??= now;
    return this.#heardSince !== null && now - this.#heardSince >= STEADY_MS;
  }

  get isBlank(): boolean {
    return !this.tracks('camera').length && !this.tracks('screen').length;
  }

  /** Sound is played even of what no element shows, so of two ways one is silent. */
  setAudible(isAudible: boolean): void {
    this.#isAudible = isAudible;
    for (const track of [...this.tracks('camera'), ...this.tracks('screen')]) {
      if (track.kind === 'audio') track.enabled = isAudible;
    }
  }

  isDecoded(source: StreamSource): boolean {
    const track = this.picture(source);
    return track !== null && this.#decoded.has(track);
  }

  /** Looks out for the first frame. */
  watch(source: StreamSource, firstFrame: FrameWatcher, seen: () => void): void {
    const track = this.picture(source);
    if (!track || this.#watches.has(track) || this.#decoded.has(track)) return;
    this.#watches.set(track, () => undefined);
    const stop = firstFrame(track, () => {
      this.#watches.delete(track);
      this.#decoded.add(track);
      seen();
    });
    if (this.#watches.has(track)) this.#watches.set(track, stop);
  }

  /** Looks no more. */
  rest(): void {
    for (const track of [...this.#watches.keys()]) this.#unwatch(track);
  }

  #unwatch(track: MediaStreamTrack): void {
    this.#watches.get(track)?.();
    this.#watches.delete(track);
  }
}

export function flows(track: MediaStreamTrack): boolean {
  return !track.muted && track.readyState === 'live';
}
