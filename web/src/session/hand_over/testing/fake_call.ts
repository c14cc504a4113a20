/** One of us in a call with fake engines, frames and a clock that only moves when told. */

import { vi } from 'vitest';

import { member } from '../../../signaling/testing/messages';
import type { Mode } from '../../media_session';
import type { StreamSource } from '../../streams';
import { CallSession, type CallEvent } from '../call_session';
import type { Course } from '../course';
import type { Telling } from '../crossing';
import { STEADY_MS } from '../way';
import { FakeEngine, type FakeRemoteTrack } from './fake_engine';

export const SELF = 'me';
export const FRAME_MS = 50;

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

export function courseOf(mode: Mode, generation: number, given: Partial<Course> = {}): Course {
  return { mode, generation, prewarm: false, core: null, ...given };
}

export class FakeCall {
  readonly all: FakeEngine[] = [];
  readonly events: CallEvent[] = [];
  readonly told: Telling[] = [];
  readonly session: CallSession;
  /** Tracks whose first frame is waited for. */
  readonly watched = new Map<FakeRemoteTrack, () => void>();
  readonly clocks = new Set<(at: number) => void>();
  /** Which pictures move. */
  isMoving = true;
  readonly #filming: ReturnType<typeof setInterval>;

  constructor() {
    this.session = new CallSession({
      memberId: SELF,
      roomId: 'r1',
      instance: 'me page',
      iceServers: [],
      createSession: (mode, context) => {
        const engine = new FakeEngine(mode, context);
        this.all.push(engine);
        return engine;
      },
      request: () => Promise.reject(new Error('not here')),
      send: () => undefined,
      tell: (message) => this.told.push(message),
      emit: (event) => this.events.push(event),
      now: () => Date.now(),
      firstFrame: (track, seen) => {
        const fake = track as unknown as FakeRemoteTrack;
        this.watched.set(fake, seen);
        return () => this.watched.delete(fake);
      },
      frames: (_stream, presented) => {
        this.clocks.add(presented);
        return () => this.clocks.delete(presented);
      },
    });
    this.#filming = setInterval(() => {
      if (this.isMoving) for (const presented of this.clocks) presented(Date.now());
    }, FRAME_MS);
  }

  /** In a call with others, which stands, in one mode. */
  static among(mode: Mode, ...others: string[]): FakeCall {
    const call = new FakeCall();
    call.enter(...others);
    call.session.setCourse(courseOf(mode, 1));
    call.stand(mode, ...others);
    call.engine(mode).feel('ready');
    call.told.length = 0;
    return call;
  }

  enter(...others: string[]): void {
    this.session.setMembers(
      others.map((id) => member(id)),
      false,
    );
  }

  /** The engine of a mode that is open. */
  engine(mode: Mode): FakeEngine {
    const [engine] = this.open.filter((one) => one.mode === mode);
    if (!engine) throw new Error(`no engine for ${mode}`);
    return engine;
  }

  get open(): FakeEngine[] {
    return this.all.filter(({ isClosed }) => !isClosed);
  }

  get modes(): Mode[] {
    return this.open.map(({ mode }) => mode);
  }

  /** The way to some stands, and all they send comes. */
  stand(mode: Mode, ...others: string[]): void {
    for (const id of others) {
      this.engine(mode).enter(id, 'active');
      this.engine(mode).bring(id);
    }
  }

  prepare(mode: Mode, generation: number): void {
    this.session.prepare({ mode, generation, seconds: 5 });
  }

  commit(mode: Mode, generation: number, given: Partial<Course> = {}): void {
    this.session.setCourse(courseOf(mode, generation, given));
  }

  /** A picture has its first frame, and sound as much time as it takes to be steady. */
  async shows(mode: Mode, memberId: string, source: StreamSource = 'camera'): Promise<void> {
    this.decode(mode, memberId, source);
    await pass(STEADY_MS + 2 * FRAME_MS);
  }

  /** A picture has its first frame. */
  decode(mode: Mode, memberId: string, source: StreamSource = 'camera'): void {
    for (const track of this.engine(mode).tracks.get(`${source}:${memberId}`) ?? []) {
      if (track.kind !== 'video') continue;
      const seen = this.watched.get(track);
      this.watched.delete(track);
      seen?.();
    }
  }

  /** What was told last as a member's stream. */
  stream(memberId: string, source: StreamSource = 'camera'): MediaStream | null {
    const told = this.events.flatMap((event) =>
      event.type === 'stream' && event.memberId === memberId && event.source === source
        ? [event.stream]
        : [],
    );
    return told.at(-1) ?? null;
  }

  /** By which engine a member is shown: the one whose tracks are in its stream. */
  onAir(memberId: string, source: StreamSource = 'camera'): string[] {
    const tracks = this.stream(memberId, source)?.getTracks() ?? [];
    return [...new Set(tracks.map(({ label }) => label.split(' ')[0] ?? ''))];
  }

  /** By which engines a member is heard. */
  heardBy(memberId: string): Mode[] {
    return this.open.flatMap(({ mode, tracks }) => {
      const ours = ['camera', 'screen'].flatMap(
        (source) => tracks.get(`${source}:${memberId}`) ?? [],
      );
      return ours.some(({ kind, enabled }) => kind === 'audio' && enabled) ? [mode] : [];
    });
  }

  of<T extends CallEvent['type']>(type: T): Extract<CallEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<CallEvent, { type: T }> => event.type === type,
    );
  }

  close(): void {
    clearInterval(this.#filming);
    this.session.close();
  }
}

/** From a mesh to the SFU, up to where everybody could be shown by it. */
export async function preparing() {
  const call = FakeCall.among('mesh', 'a', 'b');
  await pass(1_000);
  call.prepare('sfu', 2);
  await pass(300);
  call.stand('sfu', 'a', 'b');
  call.engine('sfu').feel('ready');
  return call;
}
