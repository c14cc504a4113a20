/** A call in which everybody sends to a server once, and the server forwards it to the others. */

import type { types } from 'mediasoup-client';

import { perceived } from '../media/level_meter';
import type {
  ChatFrame,
  LocalTracks,
  MediaNotice,
  MediaSession,
  MediaSessionContext,
} from '../session/media_session';
import { NO_TRACKS } from '../session/media_session';
import type { OwnPresence } from '../session/presence';
import type { StreamSource } from '../session/streams';
import type { IceServer, Member, SfuEntered } from '../signaling/protocol';
import { createDevice, type DeviceFactory } from './device';
import type { Codec } from './encodings';
import { Entry } from './entry';
import { LastFrames } from './last_frames';
import { Measurement } from './measurement';
import { followNetwork } from './network';
import { Pace } from './pace';
import { NO_WAY, phaseOf } from './phase';
import { RemoteMember } from './remote_member';
import { SfuServer } from './server';
import { Stay } from './stay';

const TICK_MS = 250;
const LEVELS_MS = 100;
const STATISTICS_MS = 2_000;
/** How long a member that a restarted server does not know yet may take to come back. */
const RETURN_MS = 30_000;
/** In a new router, so long until everybody has published again what they did before. */
const SETTLING_MS = 2_500;
/** Receiving again, so long until the last frames of before are of no use. */
const RENEWED_MS = 5_000;

export interface SfuOptions extends MediaSessionContext {
  readonly codec?: Codec;
  readonly createDevice?: DeviceFactory;
  readonly now?: () => number;
  /** Calls back when the network has changed; returns how to stop. */
  readonly followNetwork?: (listener: () => void) => () => void;
}

export class SfuSession implements MediaSession {
  readonly mode = 'sfu';
  readonly #options: Required<SfuOptions>;
  readonly #server: SfuServer;
  readonly #entry: Entry;
  readonly #members = new Map<string, RemoteMember>();
  readonly #heights = new Map<string, number>();
  readonly #stops: (() => void)[];
  #measurement = new Measurement();
  #measuredAt = 0;
  /** Of whom packets should have come when it was measured last. */
  readonly #expected = new Set<string>();
  #isMeasuring = false;
  readonly #lastFrames = new LastFrames();
  #stay: Stay | null = null;
  /** Since when we have received all there is, without a break; null: we do not. */
  #completeSince: number | null = null;
  #hadStay = false;
  #settlesAt = 0;
  #tracks: LocalTracks = NO_TRACKS;
  #presence: OwnPresence | null = null;
  #iceServers: readonly IceServer[];
  #isClosed = false;

  constructor(options: SfuOptions) {
    this.#options = {
      codec: 'vp8',
      createDevice,
      now: () => performance.now(),
      followNetwork,
      ...options,
    };
    this.#iceServers = options.iceServers;
    this.#server = new SfuServer(options, new Pace(this.#options.now));
    this.#entry = new Entry({
      server: this.#server,
      createDevice: this.#options.createDevice,
      entered: (answer, device, missed) => this.#entered(answer, device, missed),
    });
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    const listening = setInterval(() => this.#listen(), LEVELS_MS);
    this.#stops = [
      () => clearInterval(ticking),
      () => clearInterval(listening),
      this.#options.followNetwork(() => this.#stay?.restartIce()),
    ];
    this.#entry.want();
  }

  setMembers(members: readonly Member[], partial: boolean): void {
    if (this.#isClosed) return;
    const listed = new Set(members.map(({ id }) => id));
    for (const [id, member] of [...this.#members]) {
      if (listed.has(id)) continue;
      if (!partial) this.removeMember(id);
      else member.leavesAt ??= this.#options.now() + RETURN_MS;
    }
    for (const member of members) this.addMember(member);
  }

  addMember({ id }: Member): void {
    if (this.#isClosed || id === this.#options.memberId) return;
    const known = this.#members.get(id);
    if (known) {
      known.leavesAt = null;
      return;
    }
    const member = new RemoteMember(id, this.#options.emit, () => this.#changed(id));
    this.#members.set(id, member);
    this.#stay?.down.addMember(id);
    this.#changed(id);
  }

  removeMember(memberId: string): void {
    const member = this.#members.get(memberId);
    if (!member) return;
    this.#members.delete(memberId);
    this.#stay?.down.removeMember(memberId);
    member.enter('disconnected');
  }

  memberReachable(): void {
    // Media has never depended on it.
  }

  memberUnreachable(): void {
    // Nor on this.
  }

  receive(): void {
    // Members do not negotiate with each other here.
  }

  hear(notice: MediaNotice): void {
    if (this.#isClosed) return;
    if (notice.type === 'router-lost') {
      // News of an earlier router is no news.
      if (this.#stay && this.#stay.routerId !== notice.routerId) return;
      this.#leaveRouter();
      this.#entry.want();
      return;
    }
    this.#entry.hear(notice);
    this.#stay?.hear(notice);
  }

  setShownHeight(memberId: string, source: StreamSource, height: number): void {
    const key = `${source}:${memberId}`;
    if (this.#heights.get(key) === height) return;
    this.#heights.set(key, height);
    this.#stay?.down.wake(memberId);
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#stay?.publish(tracks, this.#presence);
  }

  announce(presence: OwnPresence): void {
    this.#presence = presence;
    this.#stay?.publish(this.#tracks, presence);
  }

  sendChat(frame: ChatFrame): void {
    this.#stay?.sendChat(frame);
  }

  setIceServers(servers: readonly IceServer[]): void {
    this.#iceServers = servers;
    this.#stay?.setIceServers();
  }

  signalingRestored(): void {
    if (!this.#isClosed) this.#entry.renew();
  }

  reconnect(): void {
    if (this.#isClosed) return;
    if (this.#stay) this.#stay.retry();
    else this.#entry.want();
  }

  close(): void {
    if (this.#isClosed) return;
    for (const id of [...this.#members.keys()]) this.removeMember(id);
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#entry.close();
    this.#stay?.close(false);
    this.#stay = null;
    this.#lastFrames.release();
  }

  #entered(answer: SfuEntered, device: types.Device, missed: readonly MediaNotice[]): void {
    if (this.#stay?.routerId !== answer.routerId) {
      this.#leaveRouter();
      this.#stay = this.#begin(answer.routerId, device);
    }
    this.#stay.reconcile(answer);
    this.#stay.publish(this.#tracks, this.#presence);
    for (const notice of missed) this.#stay.hear(notice);
    for (const id of this.#members.keys()) this.#changed(id);
  }

  #begin(routerId: string, device: types.Device): Stay {
    const { memberId, codec, now } = this.#options;
    this.#settlesAt = this.#hadStay ? now() + SETTLING_MS : 0;
    this.#hadStay = true;
    this.#measurement = new Measurement();
    this.#expected.clear();
    for (const member of this.#members.values()) member.isSilent = false;
    const stay: Stay = new Stay(routerId, {
      memberId,
      codec,
      now,
      device,
      server: this.#server,
      members: this.#members,
      iceServers: () => this.#iceServers,
      retire: (transport, worked) => this.#lastFrames.keep(transport, worked),
      shownHeight: (id, source) => this.#heights.get(`${source}:${id}`),
      changed: (id) => {
        if (this.#stay !== stay) return;
        if (id === null) this.#showPhases();
        else this.#changed(id);
      },
    });
    return stay;
  }

  /** What was shown stays, until there is more. */
  #leaveRouter(): void {
    const stay = this.#stay;
    this.#stay = null;
    stay?.close(true);
    this.#showPhases();
  }

  #changed(memberId: string): void {
    const member = this.#members.get(memberId);
    if (!member || this.#isClosed) return;
    // Who publishes nothing at all is not here, or not yet: what was known of them stays.
    if (this.#stay?.down.isHere(memberId)) {
      const settling = this.#options.now() < this.#settlesAt;
      member.show(this.#stay.down.published(memberId), settling);
    }
    this.#showPhase(member);
  }

  #showPhases(): void {
    for (const member of this.#members.values()) this.#showPhase(member);
  }

  #showPhase(member: RemoteMember): void {
    const way = this.#stay?.way(member.id) ?? NO_WAY;
    member.enter(
      phaseOf({
        ...way,
        isReceived: way.isReceived && !member.isSilent,
        isGivenUp: way.isGivenUp || this.#entry.isGivenUp,
        isEntered: this.#stay !== null,
        isHeard: member.isHeard,
        wasConnected: member.wasConnected,
      }),
    );
  }

  #tick(): void {
    const now = this.#options.now();
    for (const member of [...this.#members.values()]) {
      if (member.leavesAt === null || now < member.leavesAt) continue;
      this.removeMember(member.id);
      this.#options.emit({ type: 'removed', memberId: member.id });
    }
    this.#stay?.tick();
    this.#renewFrames(now);
    if (this.#settlesAt !== 0 && now >= this.#settlesAt) {
      this.#settlesAt = 0;
      for (const id of this.#members.keys()) this.#changed(id);
    }
    this.#showPhases();
    if (now - this.#measuredAt < STATISTICS_MS || this.#isMeasuring) return;
    this.#measuredAt = now;
    this.#isMeasuring = true;
    void this.#measure().finally(() => {
      this.#isMeasuring = false;
    });
  }

  /** After a while all that was shown is shown anew. */
  #renewFrames(now: number): void {
    if (!this.#stay?.isComplete) this.#completeSince = null;
    else this.#completeSince ??= now;
    if (this.#completeSince !== null && now - this.#completeSince > RENEWED_MS) {
      this.#lastFrames.release();
    }
  }

  async #measure(): Promise<void> {
    const stay = this.#stay;
    const { send, receive } = stay?.transports ?? { send: null, receive: null };
    if (!stay || !receive) return;
    try {
      const [received, sent] = await Promise.all([receive.getStats(), send?.getStats() ?? null]);
      if (this.#stay !== stay) return;
      const sections = new Map(
        [...this.#members.keys()].map((id) => [
          id,
          stay.down.consumers(id).map(({ localId }) => localId),
        ]),
      );
      const figures = this.#measurement.read({ send: sent, receive: received, sections });
      for (const [memberId, statistics] of figures) {
        this.#options.emit({ type: 'statistics', memberId, statistics });
      }
      this.#noticeSilence(stay);
    } catch {
      // A transport that has just been closed has nothing to tell.
    }
  }

  /** Whoever was to be heard of at the last report and at this one, and was not in between. */
  #noticeSilence({ down }: Stay): void {
    for (const member of this.#members.values()) {
      const isExpected = down.isExpected(member.id);
      const wasExpected = this.#expected.has(member.id);
      member.isSilent = isExpected && wasExpected && this.#measurement.isStill(member.id);
      if (isExpected) this.#expected.add(member.id);
      else this.#expected.delete(member.id);
    }
  }

  #listen(): void {
    const stay = this.#stay;
    if (!this.#members.size || !stay) return;
    const levels = new Map<string, number>();
    for (const id of this.#members.keys()) {
      levels.set(id, stay.isConnected ? perceived(stay.down.audioLevel(id)) : 0);
    }
    this.#options.emit({ type: 'levels', levels });
  }
}
