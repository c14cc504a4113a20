/**
 * A call, however its media travels: one engine, or for the time of a hand-over two, and on top
 * what must not notice: one stream per member and source, one order of messages.
 *
 * What is to be done is decided by `crossing`, and done here.
 */

import type { IceServer, Member } from '../../signaling/protocol';
import { DataHub } from '../data/data_hub';
import {
  NO_TRACKS,
  type IncomingSignal,
  type LocalTracks,
  type MediaNotice,
  type Mode,
  type SessionEvent,
} from '../media_session';
import type { StreamSource } from '../streams';
import { Attendance } from './attendance';
import type { Course, Preparation } from './course';
import {
  advance,
  awaitsTime,
  OUTSIDE,
  phaseOf,
  type Crossing,
  type CrossingEffect,
  type CrossingEvent,
} from './crossing';
import { Engine } from './engine';
import { Engines } from './engines';
import type { CallEvent } from './events';
import { countFrames, watchFirstFrame } from './frames';
import { Heights } from './heights';
import type { CallSessionOptions } from './options';
import { Sources } from './sources';

export type { CallEvent } from './events';
export type { CallSessionOptions } from './options';

const TICK_MS = 100;

export class CallSession {
  readonly data: DataHub;
  readonly #options: CallSessionOptions;
  readonly #now: () => number;
  readonly #attendance: Attendance;
  readonly #sources: Sources;
  readonly #engines: Engines;
  readonly #heights = new Heights();
  readonly #waiting: CrossingEvent[] = [];
  #crossing: Crossing = OUTSIDE;
  #isAdvancing = false;
  /** Before we know who is here, nothing can be said of the way to them. */
  #hasMembers = false;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #iceServers: readonly IceServer[];
  #tracks: LocalTracks = NO_TRACKS;
  #way = '';
  #isClosed = false;

  constructor(options: CallSessionOptions) {
    const { memberId, instance, iceServers } = options;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#iceServers = iceServers;
    this.#attendance = new Attendance(memberId);
    this.#engines = new Engines(this.#attendance, this.#now);
    this.data = new DataHub({ memberId, instance, now: this.#now });
    this.#sources = new Sources({
      firstFrame: options.firstFrame ?? watchFirstFrame,
      frames: options.frames ?? countFrames,
      now: this.#now,
      shownHeight: (id, source) => this.#heights.get(id, source),
      emit: (event) => this.#emit(event),
      changed: () => this.#review(),
    });
  }

  /** The mode in force. */
  get mode(): Mode {
    return this.#crossing.course?.mode ?? this.#crossing.aim ?? 'mesh';
  }

  /** The server's word on how media travels. Nothing begins before the first `setMembers`. */
  setCourse(course: Course): void {
    this.#advance({ type: 'course', course });
  }

  /** The server asks for another way beside the one in force. */
  prepare(preparation: Preparation): void {
    this.#advance({ type: 'prepare', preparation });
  }

  /** See `MediaSession.setMembers`. */
  setMembers(members: readonly Member[], partial: boolean): void {
    if (this.#isClosed) return;
    const gone = this.#attendance.set(members, partial);
    for (const id of this.#attendance.ids) this.#sources.add(id);
    this.data.setMembers(this.#attendance.ids);
    for (const engine of this.#engines.all) engine.enter(partial);
    for (const id of gone) this.#forget(id);
    this.#hasMembers = true;
    this.#excuse();
    this.#review();
  }

  addMember(member: Member): void {
    if (this.#isClosed || member.id === this.#options.memberId) return;
    const isNewPage = this.#attendance.get(member.id)?.instance !== member.instance;
    if (isNewPage) this.#engines.forget(member.id);
    this.#attendance.add(member);
    this.#sources.add(member.id);
    this.data.setMembers(this.#attendance.ids);
    for (const engine of this.#engines.all) engine.add(member);
    this.#excuse();
    this.#review();
  }

  removeMember(memberId: string): void {
    if (this.#isClosed || !this.#attendance.remove(memberId)) return;
    for (const engine of this.#engines.all) engine.remove(memberId);
    this.#forget(memberId);
    this.data.setMembers(this.#attendance.ids);
    this.#review();
  }

  /** A member's signaling is interrupted. What it is told meanwhile, it hears later, if at all. */
  memberAway(memberId: string): void {
    this.#attendance.setAway(memberId, true);
    this.#excuse();
  }

  memberReachable(memberId: string): void {
    this.#attendance.setAway(memberId, false);
    for (const { session } of this.#engines.all) session.memberReachable(memberId);
  }

  memberUnreachable(memberId: string): void {
    this.#attendance.setAway(memberId, true);
    for (const { session } of this.#engines.all) session.memberUnreachable(memberId);
  }

  receive(signal: IncomingSignal): void {
    this.#engines.receive(signal);
  }

  hear(notice: MediaNotice): void {
    this.#engines.get('sfu')?.session.hear(notice);
  }

  setShownHeight(memberId: string, source: StreamSource, height: number): void {
    if (this.#isClosed) return;
    this.#heights.set(memberId, source, height);
    for (const one of this.#engines.all) one.session.setShownHeight(memberId, source, height);
    // Who is not looked at any more need not be waited for.
    this.#sources.review();
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    for (const engine of this.#engines.all) engine.publish(tracks);
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers;
    for (const { session } of this.#engines.all) session.setIceServers(iceServers);
  }

  signalingRestored(): void {
    for (const { session } of this.#engines.all) session.signalingRestored();
  }

  reconnect(memberId?: string): void {
    for (const { session } of this.#engines.all) session.reconnect(memberId);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#ticking);
    this.#sources.end();
    this.#engines.close();
    this.data.close();
  }

  /** One event after the other, whatever comes of them meanwhile. */
  #advance(event: CrossingEvent): void {
    this.#waiting.push(event);
    if (!this.#isAdvancing) this.#run();
  }

  #run(): void {
    this.#isAdvancing = true;
    try {
      for (let next = this.#next(); next; next = this.#next()) this.#take(next);
    } finally {
      this.#isAdvancing = false;
    }
    this.#keepTime();
  }

  #next(): CrossingEvent | undefined {
    if (this.#isClosed || !this.#hasMembers) return undefined;
    const next = this.#waiting.shift();
    if (next) return next;
    const { aim, switchedAt } = this.#crossing;
    const all = this.#sources.areOnAim;
    return aim === null || all === (switchedAt !== null) ? undefined : { type: 'switched', all };
  }

  #take(event: CrossingEvent): void {
    const { course } = this.#crossing;
    const { state, effects } = advance(this.#crossing, event, this.#now());
    this.#crossing = state;
    this.#attendance.follow(state.course);
    for (const effect of effects) this.#carryOut(effect);
    // Of a hand-over that was called off nobody wants to know.
    if (phaseOf(state) === 'settled') this.#sources.measure();
    if (state.course !== course) for (const engine of this.#engines.all) engine.update();
    this.#tellWay();
  }

  #carryOut(effect: CrossingEffect): void {
    switch (effect.type) {
      case 'open':
        this.#open(effect.mode, effect.isLive);
        break;
      case 'close':
        this.#close(effect.mode);
        break;
      case 'set-live':
        // Before an engine brings anything, and before it lets go of what it brought.
        this.#sources.open(effect.mode, effect.isLive);
        this.#engines.get(effect.mode)?.session.setLive(effect.isLive);
        break;
      case 'aim':
        // The server is a place where everybody may be met, whatever the aim.
        this.#engines.get('mesh')?.setLeaving(effect.mode !== 'mesh');
        this.#sources.aim(effect.mode);
        break;
      case 'prefer':
        this.data.prefer(effect.mode);
        break;
      case 'tell':
        this.#options.tell(effect.message);
        break;
      case 'over': {
        const gap = this.#sources.measure();
        this.#emit({ ...effect, type: 'handed-over', gap });
      }
    }
  }

  #open(mode: Mode, isLive: boolean): void {
    const { memberId, roomId, createSession, request, send } = this.#options;
    this.#sources.open(mode, isLive);
    this.data.setPath(mode, {
      send: (text, to) => this.#engines.get(mode)?.session.send(text, to) ?? false,
    });
    const engine = new Engine({
      mode,
      attendance: this.#attendance,
      createSession,
      heard: (event) => this.#hear(mode, event),
      memberId,
      roomId,
      iceServers: this.#iceServers,
      isLive,
      request,
      send,
    });
    this.#engines.add(mode, engine);
    this.#heights.replay((id, source, height) => engine.session.setShownHeight(id, source, height));
    engine.publish(this.#tracks);
    this.#engines.start(mode);
    this.#excuse();
  }

  #excuse(): void {
    this.#engines.excuse(this.#crossing.course?.mode);
  }

  /** Whatever it showed is shown by the other one first, if there is one. */
  #close(mode: Mode): void {
    if (!this.#engines.get(mode)) return;
    this.#sources.close(mode);
    const engine = this.#engines.take(mode);
    this.data.setPath(mode, null);
    engine?.close();
  }

  #hear(mode: Mode, event: SessionEvent): void {
    switch (event.type) {
      case 'health':
        this.#advance({ type: 'health', mode, health: event.health });
        break;
      case 'channel':
        this.data.channel(mode, event.memberId, event.isOpen);
        break;
      case 'data':
        this.data.receive(mode, event.memberId, event.text, event.lossy);
        break;
      case 'removed':
        if (!this.#attendance.isMissing(event.memberId)) break;
        this.removeMember(event.memberId);
        this.#emit(event);
        break;
      case 'stalled':
        this.#emit(event);
        break;
      default:
        this.#sources.hear(mode, event);
        this.#review();
    }
  }

  #forget(memberId: string): void {
    this.#engines.forget(memberId);
    this.#sources.remove(memberId);
    this.#heights.forget(memberId);
  }

  /** Somebody may have changed over. */
  #review(): void {
    if (!this.#isAdvancing) this.#run();
  }

  /** A clock only ticks while something waits for it. */
  #keepTime(): void {
    const isNeeded = !this.#isClosed && (awaitsTime(this.#crossing) || !this.#sources.areOnAim);
    if (isNeeded === (this.#ticking !== undefined)) return;
    clearInterval(this.#ticking);
    this.#ticking = isNeeded ? setInterval(() => this.#tick(), TICK_MS) : undefined;
  }

  #tick(): void {
    this.#sources.review();
    this.#advance({ type: 'tick' });
  }

  #tellWay(): void {
    const { course, engines } = this.#crossing;
    const engine = course && engines[course.mode];
    if (!engine) return;
    const { mode } = course;
    const { health } = engine;
    if (this.#way === `${mode} ${health}`) return;
    this.#way = `${mode} ${health}`;
    this.#emit({ type: 'way', mode, health });
  }

  #emit(event: CallEvent): void {
    if (!this.#isClosed) this.#options.emit(event);
  }
}
