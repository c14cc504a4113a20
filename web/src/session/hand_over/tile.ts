/**
 * One member as it is shown: by one engine at a time, in streams that last as long as the member.
 *
 * While another engine is aimed at, both bring what they have, and the one on air is looked at
 * closely: whether its picture moves decides what the other must show before it takes over. Then
 * all of a member changes at once, so that lips and voice stay together.
 */

import type { Mode } from '../media_session';
import type { PeerPhase } from '../peer_phase';
import type { StreamSource } from '../streams';
import { mayChange, type Picture } from './evidence';
import type { FrameClock, FrameWatcher } from './frames';
import { gapOf } from './gap';
import { bestOf } from './phases';
import { Pulse } from './pulse';
import { flows, NO_WORD, Way, type Word } from './way';

const SOURCES: readonly StreamSource[] = ['camera', 'screen'];
const MODES: readonly Mode[] = ['mesh', 'sfu'];

export interface TileOptions {
  readonly firstFrame: FrameWatcher;
  readonly frames: FrameClock;
  readonly now: () => number;
  /** How high a picture is shown, in device pixels; undefined: nobody has said. */
  readonly shownHeight: (source: StreamSource) => number | undefined;
  /** The tracks of a stream have changed; null: it is not there any more. */
  readonly showed: (source: StreamSource, stream: MediaStream | null) => void;
  readonly entered: (phase: PeerPhase) => void;
  readonly said: (word: Word) => void;
  /** It is shown by another engine than before. */
  readonly changed: () => void;
}

export class Tile {
  readonly #options: TileOptions;
  readonly #streams: Record<StreamSource, MediaStream> = {
    camera: new MediaStream(),
    screen: new MediaStream(),
  };
  readonly #ways = new Map<Mode, Way>();
  /** Of what was shown when another engine was aimed at. */
  readonly #pulses = new Map<StreamSource, Pulse>();
  readonly #shown: Record<StreamSource, boolean> = { camera: false, screen: false };
  #onAir: Mode;
  #aim: Mode;
  /** Of the camera as it has been shown since it changed over. */
  #after: Pulse | null = null;
  #changedAt: number | null = null;
  #phase: PeerPhase = 'disconnected';
  #word = JSON.stringify(NO_WORD);

  constructor(aim: Mode, options: TileOptions) {
    this.#options = options;
    this.#aim = aim;
    this.#onAir = aim;
  }

  /** By which engine the member is shown and heard. */
  get onAir(): Mode {
    return this.#onAir;
  }

  /** Whether it is shown by the engine aimed at, or that one could not show it anyway. */
  get isOnAim(): boolean {
    return this.#onAir === this.#aim || !this.#isOnAirLive;
  }

  /** An engine is there; or it is live now, or not any more. */
  open(mode: Mode, isLive: boolean): void {
    const way = this.#ways.get(mode) ?? new Way();
    this.#ways.set(mode, way);
    way.setLive(isLive, this.#options.now());
    if (!isLive && mode === this.#onAir) this.#fallBack();
    else if (isLive && (mode === this.#onAir || !this.#isOnAirLive)) this.#change(mode);
    this.#showPhase();
    this.review();
  }

  /** An engine is about to close; nothing of it must be shown any more. */
  close(mode: Mode): void {
    const way = this.#ways.get(mode);
    if (!way) return;
    way.setLive(false, this.#options.now());
    if (mode === this.#onAir) this.#fallBack();
    way.rest();
    this.#ways.delete(mode);
    this.#showPhase();
  }

  enter(mode: Mode, phase: PeerPhase): void {
    this.#ways.get(mode)?.enter(phase, this.#options.now());
    this.#showPhase();
    this.review();
  }

  say(mode: Mode, word: Word): void {
    const way = this.#ways.get(mode);
    if (!way) return;
    way.word = word;
    if (mode === this.#onAir) this.#showWord();
    this.review();
  }

  take(mode: Mode, source: StreamSource, stream: MediaStream | null): void {
    const way = this.#ways.get(mode);
    if (!way) return;
    way.take(source, stream);
    if (mode === this.#onAir) this.#show(source, way);
    this.review();
  }

  /** It is to be shown by another engine, once that can. */
  aim(mode: Mode): void {
    this.measure();
    this.#aim = mode;
    if (this.#onAir === mode) {
      for (const way of this.#ways.values()) way.rest();
      return;
    }
    const way = this.#ways.get(this.#onAir);
    for (const source of SOURCES) {
      const pulse = way && this.#pulseOf(source, way);
      if (pulse) this.#pulses.set(source, pulse);
    }
    this.review();
  }

  /** Changes over, if it can be done. */
  review(): void {
    if (this.#onAir === this.#aim) return;
    const [current, next] = [this.#ways.get(this.#onAir), this.#ways.get(this.#aim)];
    if (!next?.isLive || !current) return;
    const pictures = SOURCES.map((source) => this.#compare(source, current, next));
    const evidence = {
      isBlank: current.isBlank,
      pictures,
      isHeard: current.isHeard && !next.isMute,
      isAudible: next.isSteady(this.#options.now()),
      connectedForMs: next.connectedFor(this.#options.now()),
    };
    if (mayChange(evidence)) this.#change(this.#aim);
  }

  /** How long the picture stood still since another engine was aimed at; see `gapOf`. Once. */
  measure(): number | null {
    const [before, after] = [this.#pulses.get('camera'), this.#after];
    const at = this.#changedAt;
    const gap = before && after && at !== null ? gapOf(before.times, after.times, at) : null;
    this.#stopPulses();
    after?.stop();
    this.#pulses.clear();
    this.#after = null;
    this.#changedAt = null;
    return gap;
  }

  /** The member is gone. */
  end(): void {
    this.measure();
    for (const way of this.#ways.values()) way.rest();
    this.#ways.clear();
  }

  get #isOnAirLive(): boolean {
    return this.#ways.get(this.#onAir)?.isLive ?? false;
  }

  #compare(source: StreamSource, current: Way, next: Way): Picture {
    const { shownHeight, firstFrame, now } = this.#options;
    const picture = current.picture(source);
    const isWatched =
      picture !== null &&
      flows(picture) &&
      shownHeight(source) !== 0 &&
      this.#pulses.get(source)?.isMoving(now()) !== false;
    if (isWatched) next.watch(source, firstFrame, () => this.review());
    return { isWatched, isDecoded: next.isDecoded(source) };
  }

  #fallBack(): void {
    const other = MODES.find((mode) => mode !== this.#onAir && this.#ways.get(mode)?.isLive);
    if (other) this.#change(other);
  }

  /** What is looked at of a way is watched; nothing is there without a picture. */
  #pulseOf(source: StreamSource, way: Way, began?: () => void): Pulse | null {
    const { frames, now, shownHeight } = this.#options;
    const picture = way.picture(source);
    if (!picture || shownHeight(source) === 0) return null;
    return new Pulse(new MediaStream([picture]), frames, now(), began);
  }

  /** Pictures that are not seen any more need not be watched, which takes time. */
  #stopPulses(): void {
    for (const one of this.#pulses.values()) one.stop();
  }

  #change(mode: Mode): void {
    const way = this.#ways.get(mode);
    if (!way) return;
    this.#onAir = mode;
    this.#changedAt = this.#options.now();
    this.#after?.stop();
    this.#after = this.#pulses.size ? this.#pulseOf('camera', way, () => this.#stopPulses()) : null;
    way.rest();
    for (const [name, one] of this.#ways) if (name !== mode) one.setAudible(false);
    for (const source of SOURCES) this.#show(source, way);
    this.#showWord();
    this.#options.changed();
  }

  /**
   * What the engine on air has, and nothing else. Sound is enabled once it is there: Chromium keeps a track silent
   * that was enabled when it joined a stream in use.
   */
  #show(source: StreamSource, way: Way): void {
    const stream = this.#streams[source];
    const tracks = way.tracks(source);
    for (const old of stream.getTracks()) if (!tracks.includes(old)) stream.removeTrack(old);
    for (const track of tracks) {
      if (stream.getTracks().includes(track)) continue;
      if (track.kind === 'audio') track.enabled = false;
      stream.addTrack(track);
    }
    way.setAudible(true);
    const has = way.has(source);
    if (!has && !this.#shown[source]) return;
    this.#shown[source] = has;
    this.#options.showed(source, has ? stream : null);
  }

  #showWord(): void {
    const word = this.#ways.get(this.#onAir)?.word;
    if (!word || JSON.stringify(word) === this.#word) return;
    this.#word = JSON.stringify(word);
    this.#options.said(word);
  }

  #showPhase(): void {
    const live = [...this.#ways.values()].filter(({ isLive }) => isLive);
    const phase = bestOf(live.map((way) => way.phase));
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#options.entered(phase);
  }
}
