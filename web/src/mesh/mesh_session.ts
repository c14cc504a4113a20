/** A call in which everybody sends to everybody: one link per other member. */

import { perceived } from '../media/level_meter';
import { profileFor } from '../media/ladder';
import type {
  DataOptions,
  Health,
  IncomingSignal,
  LocalTracks,
  MediaSession,
  MediaSessionContext,
  SessionEvent,
} from '../session/media_session';
import { Lookout } from '../session/lookout';
import { NO_TRACKS } from '../session/media_session';
import { followNetwork } from '../session/network';
import type { Member } from '../signaling/protocol';
import type { Shared } from './link_options';
import { PeerLink } from './peer_link';

const TICK_MS = 500;
const LEVELS_MS = 100;
const STATISTICS_MS = 2_000;
const EARLY_STATISTICS_MS = 1_000;
/** For so long after a link is made its figures are renewed more often. */
const EARLY_MS = 10_000;
/** How long a member that a restarted server does not know yet may take to come back. */
const RETURN_MS = 30_000;

interface Peer {
  readonly link: PeerLink;
  instance: string | null;
  readonly since: number;
  measuredAt: number;
  /** Gone from the list; to be let go then, unless it comes back. */
  leavesAt: number | null;
}

/** Here nothing is asked of the server. */
export interface MeshOptions extends Omit<MediaSessionContext, 'roomId' | 'request'> {
  readonly icePolicy?: RTCIceTransportPolicy;
  readonly createConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly now?: () => number;
  /** Calls back when the network has changed; returns how to stop. */
  readonly followNetwork?: (listener: () => void) => () => void;
}

export class MeshSession implements MediaSession {
  readonly mode = 'mesh';
  readonly #options: Required<MeshOptions>;
  readonly #peers = new Map<string, Peer>();
  readonly #timers: ReturnType<typeof setInterval>[];
  readonly #lookout: Lookout;
  #shared: Shared;
  /** What we send while we are live. */
  #tracks = NO_TRACKS;
  #isLive: boolean;
  #health: Health = 'opening';
  #closed = false;

  constructor(options: MeshOptions) {
    this.#options = {
      icePolicy: 'all',
      createConnection: (configuration) => new RTCPeerConnection(configuration),
      now: () => performance.now(),
      followNetwork,
      ...options,
    };
    this.#shared = {
      iceServers: options.iceServers,
      icePolicy: this.#options.icePolicy,
      tracks: NO_TRACKS,
      profile: profileFor(0),
    };
    this.#isLive = options.isLive;
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#listen(), LEVELS_MS),
    ];
    const links = () => [...this.#peers.values()].map(({ link }) => link);
    this.#lookout = new Lookout({
      ...this.#options,
      newestPacket: () => Math.max(0, ...links().map((link) => link.newestPacket())),
      stalled: () => options.emit({ type: 'stalled' }),
      restartIce: () => links().forEach((link) => link.restartIce()),
    });
  }

  setMembers(members: readonly Member[], partial: boolean): void {
    if (this.#closed) return;
    const listed = new Set(members.map(({ id }) => id));
    for (const [id, peer] of [...this.#peers]) {
      if (listed.has(id)) continue;
      if (!partial) this.#drop(id);
      else peer.leavesAt ??= this.#options.now() + RETURN_MS;
    }
    for (const member of members) this.addMember(member);
    this.#showHealth();
  }

  addMember(member: Member): void {
    if (this.#closed || member.id === this.#options.memberId) return;
    const peer = this.#peers.get(member.id);
    if (peer) this.#returned(peer, member);
    else this.#open(member.id, member.instance);
    this.#showHealth();
  }

  removeMember(memberId: string): void {
    this.#drop(memberId);
    this.#showHealth();
  }

  memberReachable(memberId: string): void {
    this.#peers.get(memberId)?.link.reachable();
    this.#showHealth();
  }

  memberUnreachable(memberId: string): void {
    this.#peers.get(memberId)?.link.unreachable();
    this.#showHealth();
  }

  receive(signal: IncomingSignal): void {
    this.#peers.get(signal.from)?.link.receive(signal);
  }

  hear(): void {
    // Nothing here travels through the server.
  }

  setShownHeight(): void {
    // A picture comes from its sender as it is, or not at all.
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#showTracks();
  }

  /** Who is not live keeps the links, and their media sections, without anything in them. */
  setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    this.#showTracks();
  }

  send(text: string, { to, lossy }: DataOptions): boolean {
    if (to !== null) return this.#peers.get(to)?.link.send(text, lossy) ?? false;
    const taken = [...this.#peers.values()].map(({ link }) => link.send(text, lossy));
    return taken.includes(true);
  }

  setIceServers(iceServers: readonly Shared['iceServers'][number][]): void {
    this.#shared = { ...this.#shared, iceServers };
    for (const { link } of this.#peers.values()) link.setIceServers(iceServers);
  }

  signalingRestored(): void {
    for (const { link } of this.#peers.values()) link.reachable();
    this.#lookout.restored();
  }

  reconnect(memberId?: string): void {
    for (const [id, { link }] of this.#peers) {
      if (memberId === undefined || memberId === id) link.reconnect();
    }
  }

  close(): void {
    if (this.#closed) return;
    for (const id of [...this.#peers.keys()]) this.#drop(id);
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#lookout.close();
  }

  /** Somebody we have a link to is announced again. */
  #returned(peer: Peer, { id, instance }: Member): void {
    peer.leavesAt = null;
    if (instance === null && peer.instance === null) peer.link.verify();
    else if (instance === peer.instance) peer.link.reachable();
    else {
      peer.link.close();
      this.#open(id, instance);
    }
  }

  #open(memberId: string, instance: string | null): void {
    const { memberId: self, createConnection, send, now } = this.#options;
    const link = new PeerLink({
      memberId,
      leads: self < memberId,
      // Ours name an instance.
      isForeign: instance === null,
      shared: () => this.#shared,
      createConnection,
      send,
      emit: (event) => this.#pass(event),
      now,
    });
    // Before anything can happen on it.
    this.#peers.set(memberId, { link, instance, since: now(), measuredAt: 0, leavesAt: null });
    this.#fit();
    link.start();
  }

  #drop(memberId: string): void {
    const peer = this.#peers.get(memberId);
    if (!peer) return;
    this.#peers.delete(memberId);
    peer.link.close();
    this.#fit();
  }

  #showTracks(): void {
    const tracks = this.#isLive ? this.#tracks : NO_TRACKS;
    this.#shared = { ...this.#shared, tracks };
    for (const { link } of this.#peers.values()) link.setTracks(tracks);
  }

  #pass(event: SessionEvent): void {
    this.#options.emit(event);
    if (event.type === 'phase') this.#showHealth();
  }

  #showHealth(): void {
    if (this.#closed) return;
    const healths = [...this.#peers.values()].map(({ link }) => link.health);
    const health = (['failed', 'opening'] as const).find((one) => healths.includes(one)) ?? 'ready';
    if (health === this.#health) return;
    this.#health = health;
    this.#options.emit({ type: 'health', health });
  }

  #fit(): void {
    const profile = profileFor(this.#peers.size);
    this.#shared = { ...this.#shared, profile };
    for (const { link } of this.#peers.values()) link.fit(profile);
  }

  #tick(): void {
    const now = this.#options.now();
    for (const [memberId, peer] of [...this.#peers]) {
      if (peer.leavesAt !== null && now >= peer.leavesAt) {
        this.#drop(memberId);
        this.#options.emit({ type: 'removed', memberId });
        continue;
      }
      peer.link.tick();
      const interval = now - peer.since < EARLY_MS ? EARLY_STATISTICS_MS : STATISTICS_MS;
      if (now - peer.measuredAt < interval) continue;
      peer.measuredAt = now;
      void this.#measure(memberId, peer.link);
    }
    this.#showHealth();
  }

  async #measure(memberId: string, link: PeerLink): Promise<void> {
    const statistics = await link.measure();
    if (statistics) this.#options.emit({ type: 'statistics', memberId, statistics });
  }

  #listen(): void {
    if (!this.#peers.size) return;
    this.#lookout.look();
    const levels = new Map<string, number>();
    for (const [id, { link }] of this.#peers) levels.set(id, perceived(link.audioLevel()));
    this.#options.emit({ type: 'levels', levels });
  }
}
