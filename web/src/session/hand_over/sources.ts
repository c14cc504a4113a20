/** Whom one sees and hears by which engine, while there may be two. */

import type { Mode, SessionEvent } from '../media_session';
import type { StreamSource } from '../streams';
import type { CallEvent } from './events';
import type { FrameClock, FrameWatcher } from './frames';
import { worstOf } from './gap';
import { Tile } from './tile';

/** What engines say about members. */
export type MemberEvent = Extract<
  SessionEvent,
  { type: 'phase' | 'stream' | 'published' | 'limited' | 'statistics' | 'levels' }
>;

export interface SourcesOptions {
  readonly firstFrame: FrameWatcher;
  readonly frames: FrameClock;
  readonly now: () => number;
  readonly shownHeight: (memberId: string, source: StreamSource) => number | undefined;
  readonly emit: (event: CallEvent) => void;
  /** Somebody may be shown by another engine than before. */
  readonly changed: () => void;
}

export class Sources {
  readonly #options: SourcesOptions;
  readonly #tiles = new Map<string, Tile>();
  /** The engines there are, and whether they are live. */
  readonly #engines = new Map<Mode, boolean>();
  #aim: Mode = 'mesh';

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** Whether everybody is shown by the engine aimed at. */
  get areOnAim(): boolean {
    return [...this.#tiles.values()].every(({ isOnAim }) => isOnAim);
  }

  /** By which engine a member is shown; undefined: there is no such member. */
  onAir(memberId: string): Mode | undefined {
    return this.#tiles.get(memberId)?.onAir;
  }

  aim(mode: Mode): void {
    this.#aim = mode;
    this.#each((tile) => tile.aim(mode));
  }

  /** An engine is there; or it is live now, or not any more. */
  open(mode: Mode, isLive: boolean): void {
    this.#engines.set(mode, isLive);
    this.#each((tile) => tile.open(mode, isLive));
  }

  /** An engine is about to close. */
  close(mode: Mode): void {
    this.#engines.delete(mode);
    this.#each((tile) => tile.close(mode));
  }

  add(memberId: string): void {
    if (this.#tiles.has(memberId)) return;
    const { firstFrame, frames, now, shownHeight, emit } = this.#options;
    const tile = new Tile(this.#aim, {
      firstFrame,
      frames,
      now,
      shownHeight: (source) => shownHeight(memberId, source),
      showed: (source, stream) => emit({ type: 'stream', memberId, source, stream }),
      entered: (phase) => emit({ type: 'phase', memberId, phase }),
      said: (word) => emit({ type: 'published', memberId, ...word }),
      changed: () => this.#options.changed(),
    });
    this.#tiles.set(memberId, tile);
    for (const [mode, isLive] of this.#engines) tile.open(mode, isLive);
  }

  remove(memberId: string): void {
    this.#tiles.get(memberId)?.end();
    this.#tiles.delete(memberId);
  }

  /** Takes what an engine says; what is not on air is not passed on. */
  hear(mode: Mode, event: MemberEvent): void {
    const { emit } = this.#options;
    if (event.type === 'levels') {
      const levels = [...event.levels].filter(([id]) => this.onAir(id) === mode);
      if (levels.length) emit({ type: 'levels', levels: new Map(levels) });
      return;
    }
    const tile = this.#tiles.get(event.memberId);
    if (!tile) return;
    // Told once, and perhaps before its engine is on air, which takes it back when it ends.
    if (event.type === 'limited') {
      emit(event);
      return;
    }
    if (event.type === 'phase') tile.enter(mode, event.phase);
    else if (event.type === 'stream') tile.take(mode, event.source, event.stream);
    else if (event.type === 'published') {
      const { published, byServer } = event;
      tile.say(mode, { published, byServer });
    } else if (tile.onAir === mode) emit(event);
  }

  /** Changes over whoever can be; time may have done it. */
  review(): void {
    this.#each((tile) => tile.review());
  }

  /** How long the worst picture stood still; see `Tile.measure`. */
  measure(): number | null {
    return worstOf([...this.#tiles.values()].map((tile) => tile.measure()));
  }

  end(): void {
    for (const id of [...this.#tiles.keys()]) this.remove(id);
    this.#engines.clear();
  }

  #each(act: (tile: Tile) => void): void {
    for (const tile of [...this.#tiles.values()]) act(tile);
  }
}
