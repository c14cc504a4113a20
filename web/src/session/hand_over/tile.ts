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
/** Two ways whose frames never come in step need not be waited for. */
const STEP_MS = 300;

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
  readonly #pulses = new Map<StreamSource, Pulse>();
  readonly #shown: Record<StreamSource, boolean> = { camera: false, screen: false };
  #onAir: Mode;
  #aim: Mode;
  #changedAt: number | null = null;
  /** It may change over, and waits for the right moment. */
  #due: { readonly ahead: Pulse; readonly timer: ReturnType<typeof setTimeout> } | null = null;
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
    if (mode === this.#aim) this.#notDue();
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
    this.#notDue();
    this.#aim = mode;
    if (this.#onAir === mode) {
      for (const way of this.#ways.values()) way.rest();
      return;
    }
    const { frames, now, shownHeight } = this.#options;
    const way = this.#ways.get(this.#onAir);
    for (const source of SOURCES) {
      if (!way?.picture(source) || shownHeight(source) === 0) continue;
      const beat = () => this.#changeInStep();
      this.#pulses.set(source, new Pulse(this.#streams[source], frames, now(), beat));
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
      isAudible: next.isHeard,
      connectedForMs: next.connectedFor(this.#options.now()),
    };
    if (mayChange(evidence)) this.#changeSoon(next);
  }

  /** How long the picture stood still since another engine was aimed at; see `gapOf`. Once. */
  measure(): number | null {
    const pulse = this.#pulses.get('camera');
    const gap = pulse && this.#changedAt !== null ? gapOf(pulse.times, this.#changedAt) : null;
    for (const one of this.#pulses.values()) one.stop();
    this.#pulses.clear();
    this.#changedAt = null;
    return gap;
  }

  /** The member is gone. */
  end(): void {
    this.measure();
    this.#notDue();
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

  /**
   * When both ways have just shown the same moment: one of them runs ahead, and the picture would
   * stand still for a frame more if it changed between the two.
   */
  #changeSoon(next: Way): void {
    if (this.#due) return;
    const { frames, now } = this.#options;
    const [source] = SOURCES.filter((one) => this.#pulses.get(one)?.isBeating(now()));
    const picture = source && next.picture(source);
    if (!picture) {
      this.#change(this.#aim);
      return;
    }
    const beat = () => this.#changeInStep();
    const ahead = new Pulse(new MediaStream([picture]), frames, now(), beat);
    this.#due = { ahead, timer: setTimeout(() => this.#change(this.#aim), STEP_MS) };
  }

  #changeInStep(): void {
    const ahead = this.#due?.ahead;
    if (!ahead) return;
    if ([...this.#pulses.values()].some((pulse) => pulse.isInStep(ahead))) this.#change(this.#aim);
  }

  #notDue(): void {
    clearTimeout(this.#due?.timer);
    this.#due?.ahead.stop();
    this.#due = null;
  }

  #change(mode: Mode): void {
    this.#notDue();
    const way = this.#ways.get(mode);
    if (!way) return;
    this.#onAir = mode;
    this.#changedAt = this.#options.now();
    way.rest();
    for (const [name, one] of this.#ways) if (name !== mode) one.setAudible(false);
    for (const source of SOURCES) this.#show(source, way);
    this.#showWord();
    this.#options.changed();
  }

  /**
   * What the engine on air has, and nothing else. What was there goes first: Chromium shows black
   * when a second picture joins the first, and keeps the last frame when one takes its place, even
   * while the new one has none. Sound is enabled once it is there: Chromium keeps a track silent
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
