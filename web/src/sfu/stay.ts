/**
 * Our stay in one router of the server: two transports and what travels on them. When the router
 * is lost the stay ends, and another one begins.
 */

import type { types } from 'mediasoup-client';

import type { DataOptions, LocalTracks, MediaNotice } from '../session/media_session';
import type { IceServer, SfuEntered } from '../signaling/protocol';
import { address } from './addressed';
import { Downlink, type DownlinkOptions } from './downlink';
import type { Codec } from './encodings';
import { Leg } from './leg';
import type { Way } from './phase';
import type { SfuServer } from './server';
import { publishThrough, Uplink } from './uplink';

export interface StayOptions extends Pick<
  DownlinkOptions,
  'memberId' | 'device' | 'server' | 'members' | 'shownHeight' | 'take'
> {
  readonly codec: Codec;
  readonly iceServers: () => readonly IceServer[];
  readonly icePolicy: RTCIceTransportPolicy;
  readonly now: () => number;
  /** What becomes of a transport whose pictures may still be shown. */
  readonly retire: (transport: types.Transport, worked: boolean) => void;
  /** Something about a member's media, or (null) about our transports, has changed. */
  readonly changed: (memberId: string | null) => void;
}

export class Stay {
  readonly routerId: string;
  readonly up: Uplink;
  readonly down: Downlink;
  readonly #memberId: string;
  readonly #server: SfuServer;
  readonly #send: Leg;
  readonly #receive: Leg;
  #isLive = false;

  constructor(routerId: string, options: StayOptions) {
    const { memberId, device, server, codec, iceServers, icePolicy, now } = options;
    const { retire, changed } = options;
    this.routerId = routerId;
    this.#memberId = memberId;
    this.#server = server;
    const both = { device, server, iceServers, icePolicy, now };
    this.#send = new Leg({
      ...both,
      direction: 'send',
      prepare: (transport) => publishThrough(server, transport),
      retire: (transport) => transport.close(),
      changed: () => {
        this.up.wake();
        changed(null);
      },
    });
    this.#receive = new Leg({
      ...both,
      direction: 'recv',
      retire,
      changed: () => {
        this.down.wake();
        changed(null);
      },
    });
    this.up = new Uplink({
      leg: this.#send,
      server,
      device,
      codec,
      changed: () => changed(null),
    });
    this.down = new Downlink({ ...options, leg: this.#receive, changed });
  }

  get isConnected(): boolean {
    return this.#receive.isConnected;
  }

  /** Whether we receive, or there is nothing to receive. */
  get isComplete(): boolean {
    return this.isConnected || this.down.isEmpty;
  }

  /**
   * Whether what we send can flow, as far as it depends on us. As long as no media does, whether
   * it could, both ways.
   */
  get isReady(): boolean {
    return this.#send.isConnected && this.up.isDone && (this.#isLive || this.isComplete);
  }

  /** Whether packets get through, both ways, and nothing of ours is refused. */
  get isReached(): boolean {
    return this.#send.isConnected && this.isComplete && !this.up.isRefused;
  }

  /** Whether messages can be exchanged with a member. */
  isChannelOpen(memberId: string): boolean {
    return this.up.isOpen && this.down.isChannelOpen(memberId);
  }

  /** How things stand with what a member sends us. */
  way(memberId: string): Way {
    const isChannelOpen = this.down.isChannelOpen(memberId);
    return {
      isGivenUp: this.#receive.isGivenUp,
      hasTransport: this.#receive.transport !== null,
      isConnected: this.isConnected,
      isReceived: isChannelOpen || this.down.consumers(memberId).length > 0,
      isChannelOpen,
    };
  }

  /** The transports on which we send and receive, as far as they are connected. */
  get transports(): { send: types.Transport | null; receive: types.Transport | null } {
    return {
      send: this.#send.isConnected ? this.#send.transport : null,
      receive: this.#receive.isConnected ? this.#receive.transport : null,
    };
  }

  /** What the server says on entering, the first time and again. */
  reconcile({ transports, producers, dataProducers }: SfuEntered): void {
    this.#closeForeign(transports);
    this.#send.keepOnly(transports);
    this.#receive.keepOnly(transports);
    const isOurs = ({ memberId }: { readonly memberId: string }) => memberId === this.#memberId;
    this.up.reconcile(
      producers.filter(isOurs).map(({ id }) => id),
      dataProducers.filter(isOurs).map(({ id }) => id),
    );
    this.down.set(
      producers.filter((one) => !isOurs(one)),
      dataProducers.filter((one) => !isOurs(one)),
    );
  }

  hear(notice: MediaNotice): void {
    switch (notice.type) {
      case 'layers-changed':
        this.down.limit(notice);
        break;
      case 'transport-closed':
        this.#send.closedByServer(notice.transportId);
        this.#receive.closedByServer(notice.transportId);
        break;
      default:
        this.#hearOfProducer(notice);
    }
  }

  /** What we send; null: no media flows, neither way, and the way is kept. */
  set(tracks: LocalTracks | null): void {
    this.#isLive = tracks !== null;
    this.up.set(tracks);
    this.down.setLive(this.#isLive);
  }

  /** Whether the channel took it. */
  send(text: string, { to, lossy }: DataOptions): boolean {
    if (to !== null && !this.down.isChannelOpen(to)) return false;
    const sent = address(text, to);
    return sent !== null && this.up.send(sent, lossy);
  }

  setIceServers(): void {
    this.#send.setIceServers();
    this.#receive.setIceServers();
  }

  /** Does what has become due. */
  tick(): void {
    this.#send.tick();
    this.#receive.tick();
  }

  /** The network has changed: packets need a new way. */
  restartIce(): void {
    this.#send.restartIce();
    this.#receive.restartIce();
  }

  /** Tries again now what does not work. */
  retry(): void {
    this.#send.retry();
    this.#receive.retry();
    this.up.wake();
    this.down.wake();
  }

  /** Everything comes by another router now; what we send goes on here until the server ends it. */
  stopReceiving(): void {
    this.#receive.close(false);
    this.down.close();
  }

  /** `isLost`: the router is gone already, with everything in it. */
  close(isLost: boolean): void {
    this.#send.close(isLost);
    this.#receive.close(isLost);
    // After the transports: closing a consumer would end the track that is still shown.
    this.up.close();
    this.down.close();
  }

  #hearOfProducer(notice: MediaNotice): void {
    switch (notice.type) {
      case 'producer-added':
        if (notice.producer.memberId !== this.#memberId) this.down.add(notice.producer);
        break;
      case 'producer-changed':
        this.down.pause(notice.producerId, notice.paused);
        break;
      case 'producer-removed':
        this.down.remove(notice.producerId);
        this.up.lost(notice.producerId);
        break;
      case 'data-producer-added':
        if (notice.dataProducer.memberId === this.#memberId) break;
        this.down.addData(notice.dataProducer);
        break;
      case 'data-producer-removed':
        this.down.remove(notice.dataProducerId);
        this.up.lost(notice.dataProducerId);
        break;
      case 'data-consumer-removed':
        this.down.lostData(notice.dataConsumerId);
        break;
      default:
        this.#hearWishes(notice);
    }
  }

  /** What others look at and listen to. */
  #hearWishes(notice: MediaNotice): void {
    if (notice.type === 'layers-wanted') {
      this.up.setLayersWanted(notice.producerId, notice.spatialLayers);
    } else if (notice.type === 'active-speakers') {
      this.down.setLoudestOnly(notice.loudestOnly);
    }
  }

  /** Transports of an earlier load of this page. */
  #closeForeign(transports: readonly string[]): void {
    // Ours may be among them, and its name on the way to us.
    if (this.#send.isOpening || this.#receive.isOpening) return;
    const ours = [this.#send.transport?.id, this.#receive.transport?.id];
    for (const id of transports) if (!ours.includes(id)) this.#server.closeTransport(id);
  }
}
