/** Everything the others publish, and our share of it. */

import type { types } from 'mediasoup-client';

import { layerFor } from '../media/ladder';
import { newestPacket } from '../session/flow_watch';
import type { StreamSource } from '../session/streams';
import type { DataProducer, LayersChanged, Producer } from '../signaling/protocol';
import { readAddressed } from './addressed';
import { kindOf } from './channel_kinds';
import { DataSubscription } from './data_subscription';
import type { Leg } from './leg';
import { priorityOf } from './priority';
import type { RemoteMember } from './remote_member';
import type { SfuServer } from './server';
import { Subscription, type Want } from './subscription';

export interface DownlinkOptions {
  readonly memberId: string;
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly device: types.Device;
  /** Who is in the room; what others publish is of no interest. */
  readonly members: ReadonlyMap<string, RemoteMember>;
  /** How high a member's picture is shown, in device pixels; undefined: nobody has said. */
  readonly shownHeight: (memberId: string, source: StreamSource) => number | undefined;
  /** A member's track has come, in place of any before. */
  readonly take: (member: RemoteMember, source: StreamSource, track: MediaStreamTrack) => void;
  /** Something about a member's media has changed. */
  readonly changed: (memberId: string) => void;
}

export class Downlink {
  readonly #options: DownlinkOptions;
  readonly #producers = new Map<string, Producer>();
  readonly #dataProducers = new Map<string, DataProducer>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #dataSubscriptions = new Map<string, DataSubscription>();
  /** Whether media is received at all, or only words. */
  #isLive = false;
  /** Whether not all voices are forwarded. */
  #isLoudestOnly = false;

  constructor(options: DownlinkOptions) {
    this.#options = options;
  }

  /** All that others publish, as the server lists it. */
  set(producers: readonly Producer[], dataProducers: readonly DataProducer[]): void {
    const listed = new Set([...producers, ...dataProducers].map(({ id }) => id));
    for (const id of [...this.#producers.keys(), ...this.#dataProducers.keys()]) {
      if (!listed.has(id)) this.remove(id);
    }
    for (const producer of voicesFirst(producers)) this.add(producer);
    for (const producer of dataProducers) this.addData(producer);
  }

  add(producer: Producer): void {
    this.#producers.set(producer.id, producer);
    this.#subscribe(producer);
    this.#options.changed(producer.memberId);
  }

  setLive(isLive: boolean): void {
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    if (isLive)
      for (const producer of voicesFirst([...this.#producers.values()])) this.#subscribe(producer);
    else for (const id of [...this.#subscriptions.keys()]) this.#unsubscribe(id, false);
  }

  addData(producer: DataProducer): void {
    if (!kindOf(producer.label)) return;
    this.#dataProducers.set(producer.id, producer);
    this.#subscribeData(producer);
    this.#options.changed(producer.memberId);
  }

  pause(producerId: string, paused: boolean): void {
    const producer = this.#producers.get(producerId);
    if (!producer) return;
    this.#producers.set(producerId, { ...producer, paused });
    this.#options.changed(producer.memberId);
  }

  /** The server has closed a producer, and what was made of it. */
  remove(producerId: string): void {
    const { members, changed } = this.#options;
    const media = this.#producers.get(producerId);
    const producer = media ?? this.#dataProducers.get(producerId);
    const track = this.#subscriptions.get(producerId)?.consumer?.track;
    this.#producers.delete(producerId);
    this.#dataProducers.delete(producerId);
    this.#unsubscribe(producerId, true);
    if (!producer) return;
    // A screen that is not shared any more leaves nothing behind; a face its last frame.
    if (media && track && sourceOf(media) === 'screen') {
      members.get(media.memberId)?.media.drop('screen', track);
    }
    changed(producer.memberId);
  }

  /** The server has closed a data consumer of ours, and not what it came from. */
  lostData(dataConsumerId: string): void {
    for (const one of this.#dataSubscriptions.values()) one.lost(dataConsumerId);
  }

  /** What the server says of one of our consumers. */
  limit({ consumerId, spatialLayer, limited }: LayersChanged): void {
    const { members } = this.#options;
    for (const { producer, consumer } of this.#subscriptions.values()) {
      if (consumer?.id !== consumerId || consumer.kind !== 'video') continue;
      const limit = limited && { by: limited, paused: spatialLayer === null };
      members.get(producer.memberId)?.limit(sourceOf(producer), limit);
    }
  }

  /** Somebody is in the room who may have published before we knew. */
  addMember(memberId: string): void {
    for (const one of this.#producers.values()) {
      if (one.memberId === memberId) this.#subscribe(one);
    }
    for (const one of this.#dataProducers.values()) {
      if (one.memberId === memberId) this.#subscribeData(one);
    }
  }

  removeMember(memberId: string): void {
    for (const one of [...this.#producers.values(), ...this.#dataProducers.values()]) {
      if (one.memberId === memberId) this.#unsubscribe(one.id, false);
    }
  }

  /** What a member publishes. */
  published(memberId: string): Producer[] {
    return [...this.#producers.values()].filter((one) => one.memberId === memberId);
  }

  /** That nothing comes of a voice means nothing then. */
  setLoudestOnly(isLoudestOnly: boolean): void {
    this.#isLoudestOnly = isLoudestOnly;
  }

  /** Whether packets of a member should be on their way: silence is sent as well, now and then. */
  isExpected(memberId: string): boolean {
    const { members } = this.#options;
    return [...this.#subscriptions.values()].some(({ producer, consumer }) => {
      if (producer.memberId !== memberId || !consumer) return false;
      const isVoice = producer.source === 'microphone' && !this.#isLoudestOnly;
      const isPicture =
        producer.source === 'camera' && !members.get(memberId)?.isHeldBack(sourceOf(producer));
      if (!isVoice && !isPicture) return false;
      return !this.#producers.get(producer.id)?.paused && !this.#want(producer).paused;
    });
  }

  /** A member's consumers, as far as there are any. */
  consumers(memberId: string): types.Consumer[] {
    return [...this.#subscriptions.values()]
      .filter(({ producer }) => producer.memberId === memberId)
      .flatMap(({ consumer }) => consumer ?? []);
  }

  /** What we receive of a member. */
  received(memberId: string): Producer['source'][] {
    return [...this.#subscriptions.values()]
      .filter(({ producer, consumer }) => producer.memberId === memberId && consumer)
      .map(({ producer }) => producer.source);
  }

  /** Whether a member publishes anything, if only words. */
  isHere(memberId: string): boolean {
    return [...this.#producers.values(), ...this.#dataProducers.values()].some(
      (one) => one.memberId === memberId,
    );
  }

  /** Whether there is nothing for us. */
  get isEmpty(): boolean {
    return this.#subscriptions.size + this.#dataSubscriptions.size === 0;
  }

  /** Whether a member's reliable messages reach us. */
  isChannelOpen(memberId: string): boolean {
    return [...this.#dataSubscriptions.values()].some(
      ({ producer, kind, isOpen }) =>
        isOpen && kind === 'reliable' && producer.memberId === memberId,
    );
  }

  /** How loud a member is, 0 to 1, as amplitude. */
  audioLevel(memberId: string): number {
    for (const { producer, consumer } of this.#subscriptions.values()) {
      if (producer.memberId !== memberId || producer.source !== 'microphone') continue;
      return consumer?.rtpReceiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
    }
    return 0;
  }

  /** When the newest packet came, on the browser's clock; 0: none has. */
  newestPacket(): number {
    const receivers = [...this.#subscriptions.values()].map(
      ({ consumer }) => consumer?.rtpReceiver,
    );
    return newestPacket(receivers.filter((receiver) => receiver !== undefined));
  }

  /** There may be another transport, or other wants. */
  wake(memberId?: string): void {
    for (const one of this.#subscriptions.values()) {
      if (memberId === undefined || one.producer.memberId === memberId) one.wake();
    }
    if (memberId === undefined) for (const one of this.#dataSubscriptions.values()) one.wake();
  }

  /** Together with its transport, which takes everything on the server with it. */
  close(): void {
    for (const id of [...this.#subscriptions.keys()]) this.#unsubscribe(id, true);
    for (const id of [...this.#dataSubscriptions.keys()]) this.#unsubscribe(id, true);
  }

  #subscribe(producer: Producer): void {
    const { leg, server, device, members, take, changed } = this.#options;
    const member = members.get(producer.memberId);
    if (!this.#isLive || !member || this.#subscriptions.has(producer.id)) return;
    const source = sourceOf(producer);
    const subscription = new Subscription({
      producer,
      leg,
      server,
      capabilities: device.recvRtpCapabilities,
      streamId: `${producer.memberId}-${source}`,
      want: () => this.#want(producer),
      got: (track) => {
        // Of another consumer nothing has been said.
        if (track.kind === 'video') member.limit(source, null);
        take(member, source, track);
        changed(member.id);
      },
    });
    this.#subscriptions.set(producer.id, subscription);
  }

  #subscribeData(producer: DataProducer): void {
    const { leg, server, memberId, members, changed } = this.#options;
    const member = members.get(producer.memberId);
    const kind = kindOf(producer.label);
    if (!member || !kind || this.#dataSubscriptions.has(producer.id)) return;
    const subscription = new DataSubscription({
      producer,
      kind,
      leg,
      server,
      heard: (data) => {
        const text = readAddressed(data, memberId);
        if (text !== null && member.hear(text, kind === 'lossy')) changed(member.id);
      },
      changed: () => changed(member.id),
    });
    this.#dataSubscriptions.set(producer.id, subscription);
  }

  #unsubscribe(producerId: string, byServer: boolean): void {
    const producer = this.#subscriptions.get(producerId)?.producer;
    if (producer?.kind === 'video') {
      this.#options.members.get(producer.memberId)?.limit(sourceOf(producer), null);
    }
    this.#subscriptions.get(producerId)?.close(byServer);
    this.#subscriptions.delete(producerId);
    this.#dataSubscriptions.get(producerId)?.close(byServer);
    this.#dataSubscriptions.delete(producerId);
  }

  /** Voices are always wanted; pictures as they are shown. */
  #want({ kind, memberId, source }: Producer): Want {
    if (kind === 'audio') return { paused: false, layer: 0, priority: 0 };
    const shown = source === 'screen' ? 'screen' : 'camera';
    const height = this.#options.shownHeight(memberId, shown);
    return {
      paused: height === 0,
      layer: layerFor(height ?? Infinity),
      priority: priorityOf(shown, height),
    };
  }
}

/** Voices are what a call is about, and small. */
function voicesFirst(producers: readonly Producer[]): Producer[] {
  return [...producers].sort((a, b) => a.kind.localeCompare(b.kind));
}

/** With which stream a track is shown and heard. */
function sourceOf({ source }: Producer): StreamSource {
  return source === 'screen' || source === 'screen-audio' ? 'screen' : 'camera';
}
