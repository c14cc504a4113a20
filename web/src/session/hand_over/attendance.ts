/** Who is in the room, and which of them an engine has to do with. */

import type { Member } from '../../signaling/protocol';
import type { Mode } from '../media_session';
import type { Course } from './course';

export class Attendance {
  readonly #self: string;
  readonly #members = new Map<string, Member>();
  /** Those whom a restarted server has not seen again yet. */
  readonly #missing = new Set<string>();
  /** Those whom nothing said through the server reaches now. */
  readonly #away = new Set<string>();
  #course: Course | null = null;

  constructor(self: string) {
    this.#self = self;
  }

  get ids(): string[] {
    return [...this.#members.keys()];
  }

  /** Takes the room's list; `partial`: those who are missing may come back. Returns who is gone. */
  set(members: readonly Member[], partial: boolean): string[] {
    const listed = new Set(members.map(({ id }) => id));
    const absent = this.ids.filter((id) => !listed.has(id));
    for (const id of absent) {
      if (partial) this.#missing.add(id);
      else this.remove(id);
    }
    for (const member of members) this.add(member);
    return partial ? [] : absent;
  }

  add(member: Member): void {
    if (member.id === this.#self) return;
    this.#members.set(member.id, member);
    this.#missing.delete(member.id);
    this.setAway(member.id, member.presence === 'reconnecting');
  }

  /** Whether it was there. */
  remove(memberId: string): boolean {
    this.#missing.delete(memberId);
    this.#away.delete(memberId);
    return this.#members.delete(memberId);
  }

  get(memberId: string): Member | undefined {
    return this.#members.get(memberId);
  }

  /** Nobody can build a link with who is away. */
  setAway(memberId: string, isAway: boolean): void {
    if (isAway && this.#members.has(memberId)) this.#away.add(memberId);
    else this.#away.delete(memberId);
  }

  get away(): string[] {
    return [...this.#away];
  }

  isMissing(memberId: string): boolean {
    return this.#missing.has(memberId);
  }

  follow(course: Course | null): void {
    this.#course = course;
  }

  /** In a mesh that is too large for everybody, only some are connected, by voice. */
  isReduced(mode: Mode): boolean {
    return mode === 'mesh' && this.#course?.mode === 'mesh' && this.#course.core !== null;
  }

  /** With whom an engine connects us. */
  of(mode: Mode): Member[] {
    return [...this.#members.values()].filter(({ id }) => this.concerns(mode, id));
  }

  /** Whether an engine has anything to do with a member. */
  concerns(mode: Mode, memberId: string): boolean {
    if (!this.isReduced(mode)) return this.#members.has(memberId);
    const core = this.#course?.core ?? [];
    return core.includes(this.#self) && core.includes(memberId) && this.#members.has(memberId);
  }
}
