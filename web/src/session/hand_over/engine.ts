/** One engine of a call, and what it has been told. */

import type { Member } from '../../signaling/protocol';
import {
  NO_TRACKS,
  type LocalTracks,
  type MediaSession,
  type MediaSessionContext,
  type MediaSessionFactory,
  type Mode,
  type SessionEvent,
} from '../media_session';
import type { Attendance } from './attendance';

export interface EngineOptions extends Omit<MediaSessionContext, 'emit'> {
  readonly mode: Mode;
  readonly attendance: Attendance;
  readonly createSession: MediaSessionFactory;
  readonly heard: (event: SessionEvent) => void;
}

export class Engine {
  readonly session: MediaSession;
  readonly #mode: Mode;
  readonly #attendance: Attendance;
  /** The page of each member it knows. */
  readonly #known = new Map<string, string | null>();
  #isLeaving = false;
  #isClosed = false;
  #tracks: LocalTracks = NO_TRACKS;
  #isReduced = false;

  constructor({ mode, attendance, createSession, heard, ...context }: EngineOptions) {
    this.#mode = mode;
    this.#attendance = attendance;
    this.session = createSession(mode, {
      ...context,
      emit: (event) => {
        // What a closed engine still says is about nobody.
        if (!this.#isClosed) heard(event);
      },
    });
  }

  /** Begins with everybody who is here. */
  start(): void {
    const members = this.#attendance.of(this.#mode);
    this.#enter(members, false);
    const present = members.filter(({ id }) => !this.#attendance.isMissing(id));
    if (present.length < members.length) this.#enter(present, true);
  }

  /**
   * It is the way of before, which those who enter now never build: it is told of nobody new. One
   * that stays after all makes up for it.
   */
  setLeaving(isLeaving: boolean): void {
    if (this.#isLeaving === isLeaving) return;
    this.#isLeaving = isLeaving;
    this.update();
  }

  /** The room's list is here; `partial`: see `MediaSession.setMembers`. */
  enter(partial: boolean): void {
    const members = this.#attendance.of(this.#mode);
    const present = members.filter(
      (one) => !this.#attendance.isMissing(one.id) && this.#mayMeet(one),
    );
    this.#enter(present, partial);
  }

  /** Somebody has entered, or entered again. */
  add(member: Member): void {
    if (!this.#attendance.concerns(this.#mode, member.id) || !this.#mayMeet(member)) return;
    this.#known.set(member.id, member.instance);
    this.session.addMember(member);
  }

  remove(memberId: string): void {
    if (this.#known.delete(memberId)) this.session.removeMember(memberId);
  }

  /** Whom it has to do with may be others now. */
  update(): void {
    for (const id of [...this.#known.keys()]) {
      if (!this.#attendance.concerns(this.#mode, id)) this.remove(id);
    }
    for (const member of this.#attendance.of(this.#mode)) {
      if (this.#known.get(member.id) !== member.instance) this.add(member);
    }
    if (this.#isReduced !== this.#attendance.isReduced(this.#mode)) this.publish(this.#tracks);
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#isReduced = this.#attendance.isReduced(this.#mode);
    const voice = { ...NO_TRACKS, microphone: tracks.microphone };
    this.session.publish(this.#isReduced ? voice : tracks);
  }

  close(): void {
    this.#isClosed = true;
    this.session.close();
  }

  #enter(members: readonly Member[], partial: boolean): void {
    if (!partial) this.#known.clear();
    for (const { id, instance } of members) this.#known.set(id, instance);
    this.session.setMembers(members, partial);
  }

  #mayMeet({ id, instance }: Member): boolean {
    return !this.#isLeaving || this.#known.get(id) === instance;
  }
}
