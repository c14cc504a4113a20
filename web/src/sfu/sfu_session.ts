/** A call in which everybody sends to a server once, and the server forwards it to the others. */

import type { types } from 'mediasoup-client';

import type {
  DataOptions,
  Health,
  LocalTracks,
  MediaNotice,
  MediaSession,
} from '../session/media_session';
import { NO_TRACKS } from '../session/media_session';
import { Lookout } from '../session/lookout';
import { followNetwork } from '../session/network';
import type { StreamSource } from '../session/streams';
import type { IceServer, Member, SfuEntered } from '../signaling/protocol';
import { createDevice } from './device';
import { Entry } from './entry';
import { Gauge } from './gauge';
import { HealthWatch } from './health';
import { LastFrames } from './last_frames';
import { Pace } from './pace';
import { NO_WAY, phaseOf } from './phase';
import type { SfuOptions } from './options';
import { RemoteMember } from './remote_member';
import { SfuServer } from './server';
import { Stay } from './stay';
import { Stays } from './stays';

const TICK_MS = 250;
const LEVELS_MS = 100;
/** How long a member that a restarted server does not know yet may take to come back. */
const RETURN_MS = 30_000;
/** Receiving again, so long until the last frames of before are of no use. */
const RENEWED_MS = 5_000;

export type { SfuOptions } from './options';

export class SfuSession implements MediaSession {
  readonly mode = 'sfu';
  readonly #options: Required<SfuOptions>;
  readonly #server: SfuServer;
  readonly #entry: Entry;
  readonly #members = new Map<string, RemoteMember>();
  readonly #heights = new Map<string, number>();
  readonly #stops: (() => void)[];
  readonly #gauge: Gauge;
  readonly #lastFrames = new LastFrames();
  readonly #lookout: Lookout;
  readonly #stays: Stays;
  /** Since when we have received all there is, without a break; null: we do not. */
  #completeSince: number | null = null;
  #tracks: LocalTracks = NO_TRACKS;
  #isLive: boolean;
  readonly #healthWatch: HealthWatch;
  #health: Health = 'opening';
  #iceServers: readonly IceServer[];
  #isClosed = false;

  constructor(options: SfuOptions) {
    this.#options = {
      codec: 'vp8',
      icePolicy: 'all',
      createDevice,
      now: () => performance.now(),
      followNetwork,
      ...options,
    };
    this.#iceServers = options.iceServers;
    this.#isLive = options.isLive;
    this.#healthWatch = new HealthWatch(this.#options.now());
    this.#stays = new Stays({
      members: this.#members,
      now: this.#options.now,
      changed: (id) => this.#changed(id),
    });
    this.#gauge = new Gauge(this.#members, options.emit);
    this.#server = new SfuServer(options, new Pace(this.#options.now));
    this.#entry = new Entry({
      server: this.#server,
      createDevice: this.#options.createDevice,
      entered: (answer, device, missed) => this.#entered(answer, device, missed),
    });
    this.#lookout = new Lookout({
      ...this.#options,
      newestPacket: () => this.#stays.current?.down.newestPacket() ?? 0,
      stalled: () => options.emit({ type: 'stalled' }),
      restartIce: () => this.#stays.all.forEach((stay) => stay.restartIce()),
    });
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    const listening = setInterval(() => {
      this.#gauge.listen();
      this.#lookout.look();
    }, LEVELS_MS);
    this.#stops = [
      () => clearInterval(ticking),
      () => clearInterval(listening),
      () => this.#lookout.close(),
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
    this.#stays.current?.down.addMember(id);
    this.#changed(id);
  }

  removeMember(memberId: string): void {
    const member = this.#members.get(memberId);
    if (!member) return;
    // Another engine may show its pictures from now on.
    for (const source of ['camera', 'screen'] as const) member.limit(source, null);
    this.#members.delete(memberId);
    for (const { down } of this.#stays.all) down.removeMember(memberId);
    member.setChannel(false);
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
    switch (notice.type) {
      case 'router-moved':
        if (this.#stays.moves(notice.routerId)) this.#entry.want();
        break;
      case 'router-lost':
        this.#lost(notice.routerId);
        break;
      case 'producer-added':
      case 'data-producer-added':
        this.#entry.hear(notice);
        this.#stays.current?.hear(notice);
        break;
      default:
        this.#entry.hear(notice);
        for (const stay of this.#stays.all) stay.hear(notice);
    }
  }

  setShownHeight(memberId: string, source: StreamSource, height: number): void {
    const key = `${source}:${memberId}`;
    if (this.#heights.get(key) === height) return;
    this.#heights.set(key, height);
    this.#stays.current?.down.wake(memberId);
  }

  /** Also when one of the tracks has been muted, or has another size. */
  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    if (this.#isLive) for (const stay of this.#stays.all) stay.set(tracks);
    this.#showHealth();
  }

  setLive(isLive: boolean): void {
    if (this.#isClosed || this.#isLive === isLive) return;
    this.#isLive = isLive;
    for (const stay of this.#stays.all) stay.set(isLive ? this.#tracks : null);
    this.#measure();
    for (const member of this.#members.values()) {
      if (!isLive) member.hide();
      this.#changed(member.id);
    }
    this.#showHealth();
  }

  send(text: string, options: DataOptions): boolean {
    // Who is still on the way hears it by the router of before; twice heard is told once.
    return this.#stays.all.map((stay) => stay.send(text, options)).some((isSent) => isSent);
  }

  setIceServers(servers: readonly IceServer[]): void {
    this.#iceServers = servers;
    for (const stay of this.#stays.all) stay.setIceServers();
  }

  signalingRestored(): void {
    if (this.#isClosed) return;
    this.#entry.renew();
    this.#lookout.restored();
  }

  reconnect(): void {
    if (this.#isClosed) return;
    if (this.#stays.current) this.#stays.current.retry();
    else this.#entry.want();
  }

  close(): void {
    if (this.#isClosed) return;
    for (const id of [...this.#members.keys()]) this.removeMember(id);
    this.#isClosed = true;
    for (const stop of this.#stops) stop();
    this.#entry.close();
    this.#gauge.follow(null);
    this.#stays.close();
    this.#lastFrames.release();
  }

  #lost(routerId: string): void {
    if (this.#stays.lost(routerId)) {
      this.#gauge.follow(null);
      this.#entry.want();
    }
    this.#showAll();
  }

  #entered(answer: SfuEntered, device: types.Device, missed: readonly MediaNotice[]): void {
    const stay = this.#stays.enter(answer.routerId, () => this.#begin(answer.routerId, device));
    stay.reconcile(answer);
    stay.set(this.#isLive ? this.#tracks : null);
    this.#measure();
    for (const notice of missed) stay.hear(notice);
    for (const id of this.#members.keys()) this.#changed(id);
    this.#showHealth();
  }

  /** Where no media flows there is nothing to be measured either. */
  #measure(): void {
    this.#gauge.follow(this.#isLive ? this.#stays.current : null);
  }

  #begin(routerId: string, device: types.Device): Stay {
    const { memberId, codec, icePolicy, now } = this.#options;
    const stay: Stay = new Stay(routerId, {
      memberId,
      codec,
      now,
      device,
      server: this.#server,
      members: this.#members,
      iceServers: () => this.#iceServers,
      icePolicy,
      retire: (transport, worked) => this.#lastFrames.keep(transport, worked),
      shownHeight: (id, source) => this.#heights.get(`${source}:${id}`),
      take: (member, source, track) => this.#stays.take(stay, member, source, track),
      changed: (id) => {
        if (this.#stays.current !== stay) return;
        if (id === null) this.#showAll();
        else {
          this.#changed(id);
          this.#showHealth();
        }
      },
    });
    return stay;
  }

  #changed(memberId: string): void {
    const member = this.#members.get(memberId);
    if (!member || this.#isClosed) return;
    const { current } = this.#stays;
    if (this.#isLive && current) this.#showMedia(member, current);
    this.#showWay(member);
  }

  /**
   * Who publishes nothing at all is not here, or not yet: what was known of them stays. Of whom
   * only words are to be had nothing is known before their first track.
   */
  #showMedia(member: RemoteMember, { down }: Stay): void {
    const published = down.published(member.id);
    if (!down.isHere(member.id) || (!published.length && !member.isShown)) return;
    member.show(published, this.#stays.isSettling);
  }

  #showAll(): void {
    for (const member of this.#members.values()) this.#showWay(member);
    this.#showHealth();
  }

  #showHealth(): void {
    if (this.#isClosed) return;
    const isReady = this.#stays.all.some((stay) => stay.isReady);
    const isReached = this.#stays.all.some((stay) => stay.isReached);
    const health = this.#healthWatch.read(isReady, isReached, this.#options.now());
    if (health === this.#health) return;
    this.#health = health;
    this.#options.emit({ type: 'health', health });
  }

  #showWay(member: RemoteMember): void {
    member.setChannel(this.#stays.all.some((stay) => stay.isChannelOpen(member.id)));
    const ways = this.#stays.all.map((stay) => stay.way(member.id));
    const way = ways.find((one) => one.isConnected && one.isReceived) ?? ways[0] ?? NO_WAY;
    member.enter(
      phaseOf({
        ...way,
        isReceived: way.isReceived && !member.isSilent,
        isGivenUp: way.isGivenUp || this.#entry.isGivenUp,
        isEntered: this.#stays.current !== null,
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
    if (this.#stays.tick()) for (const id of this.#members.keys()) this.#changed(id);
    this.#renewFrames(now);
    this.#showAll();
    this.#gauge.measure(now);
  }

  /** After a while all that was shown is shown anew. */
  #renewFrames(now: number): void {
    if (!this.#stays.current?.isComplete) this.#completeSince = null;
    else this.#completeSince ??= now;
    if (this.#completeSince !== null && now - this.#completeSince > RENEWED_MS) {
      this.#lastFrames.release();
    }
  }
}
