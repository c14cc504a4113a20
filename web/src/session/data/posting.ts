/**
 * Brings to every member what it has not been sent yet, as far as its path takes it.
 *
 * What goes through the server to many is sent once, to everybody; whoever has it already does
 * not mind.
 */

import type { DataOptions } from '../media_session';
import type { Correspondent } from './correspondent';
import { AUDIENCES, type Audience } from './frames';
import type { Outgoing, Recipient } from './outgoing';
import type { DataPath, PathName } from './paths';

export interface PostingOptions {
  readonly members: ReadonlyMap<string, Correspondent>;
  readonly outgoing: Outgoing;
  /** Writes a tip; see `frames`. */
  readonly writeTip: (all: number, one: number | null) => string;
}

export class Posting {
  /** Where to send to members that can be reached on both paths. */
  preferred: PathName = 'mesh';
  readonly paths = new Map<PathName, DataPath>();
  readonly #options: PostingOptions;
  #isRefused = false;

  constructor(options: PostingOptions) {
    this.#options = options;
  }

  /** Something was not taken, and is to be offered again. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Sends a text of our own to a member; whether it was taken. */
  send(path: PathName, text: string, to: Recipient): boolean {
    const isTaken = this.#send(path, text, { to, lossy: false });
    this.#isRefused ||= !isTaken;
    return isTaken;
  }

  /** Sends one member all it is owed on this path; false: the path takes no more for now. */
  post(member: Correspondent, path: PathName): boolean {
    return AUDIENCES.every((audience) => {
      for (;;) {
        const next = this.#nextFor(member, audience);
        if (!next) return true;
        if (!this.send(path, next.text, member.id)) return false;
        count(member, audience, next.number);
      }
    });
  }

  /** Sends everybody what they are owed, each on its path. */
  postAll(): void {
    this.#isRefused = false;
    const forwarded: Correspondent[] = [];
    for (const { member, path } of this.#routes(null)) {
      if (path === 'sfu') forwarded.push(member);
      else this.post(member, path);
    }
    if (!this.#broadcast(forwarded)) return;
    for (const member of forwarded) this.post(member, 'sfu');
  }

  postLossy(text: string, to: Recipient): void {
    const routes = this.#routes(to);
    const isForwarded = to === null && routes.some(({ path }) => path === 'sfu');
    if (isForwarded) this.#send('sfu', text, { to: null, lossy: true });
    for (const { member, path } of routes) {
      if (isForwarded && path === 'sfu') continue;
      this.#send(path, text, { to: member.id, lossy: true });
    }
  }

  /** Says what was said last; whether it was taken, or there is nobody to hear it. */
  postTip(to: Recipient): boolean {
    const { outgoing, writeTip } = this.#options;
    const routes = this.#routes(to);
    const [first, second] = routes.filter(({ path }) => path === 'sfu');
    const isForwarded = to === null && first !== undefined && second !== undefined;
    const sent = routes.map(({ member: { id }, path }) => {
      if (isForwarded && path === 'sfu') return true;
      const { all, one } = outgoing.tip(id);
      return this.send(path, writeTip(all, one), id);
    });
    if (isForwarded) {
      sent.push(this.send('sfu', writeTip(outgoing.tip(first.member.id).all, null), null));
    }
    return sent.every(Boolean);
  }

  /** Whether everybody whom a message is for, and who was ever there, has been sent it. */
  isDone(to: Recipient, number: number): boolean {
    const audience = to === null ? 'all' : 'one';
    return this.#recipients(to).every(
      (member) => !member.isReached || member.sent[audience] >= number,
    );
  }

  /**
   * Of what is for everybody, sends to all at once what most of them have not been sent; false:
   * the path takes no more for now. The rest is for `post`.
   */
  #broadcast(members: readonly Correspondent[]): boolean {
    for (;;) {
      const waiting = members.flatMap((member) => {
        const next = this.#nextFor(member, 'all');
        return next ? [{ member, next }] : [];
      });
      const numbers = waiting.map(({ next }) => next.number);
      const lowest = numbers.reduce((least, number) => Math.min(least, number), Infinity);
      const group = waiting.filter(({ next }) => next.number === lowest);
      const [any] = group;
      // Each of them alone would cost a message in and one out; all together, one in.
      if (!any || 2 * group.length < 1 + members.length) return true;
      if (!this.send('sfu', any.next.text, null)) return false;
      for (const { member } of group) count(member, 'all', lowest);
    }
  }

  #recipients(to: Recipient): Correspondent[] {
    const { members } = this.#options;
    if (to === null) return [...members.values()];
    const member = members.get(to);
    return member ? [member] : [];
  }

  /** Those who can be reached, and how. */
  #routes(to: Recipient): { readonly member: Correspondent; readonly path: PathName }[] {
    return this.#recipients(to).flatMap((member) => {
      const path = member.route(this.preferred);
      return path ? [{ member, path }] : [];
    });
  }

  /** What comes next for a member; what is forgotten is passed over. */
  #nextFor(member: Correspondent, audience: Audience) {
    const { outgoing } = this.#options;
    const { id } = member;
    const last = Math.max(member.sent[audience], outgoing.floor(id)[audience]);
    const text = outgoing.text(audience === 'all' ? null : id, last + 1);
    return text === null ? null : { number: last + 1, text };
  }

  #send(path: PathName, text: string, options: DataOptions): boolean {
    return this.paths.get(path)?.send(text, options) ?? false;
  }
}

function count(member: Correspondent, audience: Audience, number: number): void {
  member.sent = { ...member.sent, [audience]: number };
}
