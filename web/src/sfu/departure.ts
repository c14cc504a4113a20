/**
 * The stay of before, kept beside the next one while the room moves from one router to another:
 * what it brings is shown until the same comes by the next router.
 */

import type { StreamSource } from '../session/streams';
import type { RemoteMember } from './remote_member';
import type { Stay } from './stay';

/** After so long what has not come by the next router is not waited for. */
const PATIENCE_MS = 8_000;
/** The server ends the router of before in ten seconds; if nothing is heard of it, we do. */
const LONGEST_MS = 15_000;

interface Offered {
  readonly member: RemoteMember;
  readonly track: MediaStreamTrack;
  readonly take: () => void;
}

export interface DepartureOptions {
  readonly stay: Stay;
  readonly members: ReadonlyMap<string, RemoteMember>;
  readonly now: () => number;
  /** A member is shown by the next router now. */
  readonly changed: (memberId: string) => void;
}

export class Departure {
  readonly stay: Stay;
  readonly #members: ReadonlyMap<string, RemoteMember>;
  readonly #now: () => number;
  readonly #changed: (memberId: string) => void;
  readonly #since: number;
  readonly #offered = new Map<MediaStreamTrack, Offered>();
  #isReceiving = true;

  constructor({ stay, members, now, changed }: DepartureOptions) {
    this.stay = stay;
    this.#members = members;
    this.#now = now;
    this.#changed = changed;
    this.#since = now();
  }

  /** Whether anything may still come by the router of before. */
  get isReceiving(): boolean {
    return this.#isReceiving;
  }

  /** Shows a track of the next router as soon as it carries anything, or the one of before not. */
  offer(member: RemoteMember, source: StreamSource, track: MediaStreamTrack): void {
    const before = member.media
      .stream(source)
      ?.getTracks()
      .find(({ kind }) => kind === track.kind);
    const take = () => {
      if (!this.#offered.delete(track)) return;
      member.media.take(source, track);
      this.#changed(member.id);
    };
    this.#offered.set(track, { member, track, take });
    const isNothingToLose = !before || before.muted || before.readyState === 'ended';
    if (isNothingToLose || !track.muted || !this.#isReceiving) take();
    else track.addEventListener('unmute', take, { once: true });
  }

  /** Looks whether everything comes by the next router; whether nothing is left to be done here. */
  isOver(next: Stay): boolean {
    const passed = this.#now() - this.#since;
    if (this.#isReceiving && (passed >= PATIENCE_MS || this.#isCovered(next))) this.#stop();
    return passed >= LONGEST_MS;
  }

  /** `isLost`: the router is gone already, with everything in it. */
  close(isLost: boolean): void {
    this.#stop();
    this.stay.close(isLost);
  }

  #isCovered(next: Stay): boolean {
    if (!next.isReady) return false;
    if ([...this.#offered.values()].some(({ member }) => this.#members.has(member.id)))
      return false;
    return [...this.#members.keys()].every((id) => {
      const has = next.down.received(id);
      const isHeard = next.isChannelOpen(id) || !this.stay.isChannelOpen(id);
      return isHeard && this.stay.down.received(id).every((source) => has.includes(source));
    });
  }

  #stop(): void {
    if (!this.#isReceiving) return;
    this.#isReceiving = false;
    for (const { take } of [...this.#offered.values()]) take();
    this.stay.stopReceiving();
    for (const id of this.#members.keys()) this.#changed(id);
  }
}
