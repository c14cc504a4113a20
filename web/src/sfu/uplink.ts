/** Everything we publish: four tracks at most, and a channel to speak on. */

import type { types } from 'mediasoup-client';

import { writeFrame } from '../session/channel_frames';
import type { ChatFrame, LocalTracks } from '../session/media_session';
import type { OwnPresence } from '../session/presence';
import { DataPublication } from './data_publication';
import type { Codec, Slot } from './encodings';
import type { Leg } from './leg';
import { Publication, type ProducerNote } from './publication';
import type { SfuServer } from './server';

/** After somebody came, so long until they can hear what we say. */
const REPEAT_MS = 2_000;
const SLOTS: readonly Slot[] = ['microphone', 'camera', 'screenAudio', 'screen'];

export interface UplinkOptions {
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly device: types.Device;
  readonly codec: Codec;
}

export class Uplink {
  readonly #publications: ReadonlyMap<Slot, Publication>;
  readonly #data: DataPublication;
  readonly #server: SfuServer;
  #presence: OwnPresence | null = null;
  #repeat: ReturnType<typeof setTimeout> | undefined;

  constructor({ leg, server, device, codec }: UplinkOptions) {
    this.#server = server;
    const capabilities = device.sendRtpCapabilities;
    this.#publications = new Map(
      SLOTS.map((slot) => [slot, new Publication({ slot, leg, server, capabilities, codec })]),
    );
    this.#data = new DataPublication({ leg, server, opened: () => this.#say() });
  }

  /** A microphone that is muted stays published, and nothing of it is passed on. */
  set(tracks: LocalTracks, presence: OwnPresence | null): void {
    const isSaid = presence === this.#presence;
    this.#presence = presence;
    for (const [slot, publication] of this.#publications) {
      publication.set(tracks[slot], slot === 'microphone' && presence?.audio === false);
    }
    this.#data.wake();
    if (!isSaid) this.#say();
  }

  sendChat(frame: ChatFrame): void {
    this.#data.send(writeFrame({ type: 'chat', ...frame }));
  }

  /**
   * Somebody came who has not heard us. Only what the server does not say of us, and nobody
   * would assume, is worth repeating: in a large room everybody does.
   */
  greet(): void {
    if (!this.#presence || this.#presence.status === 'active') return;
    this.#repeat ??= setTimeout(() => {
      this.#repeat = undefined;
      this.#say();
    }, REPEAT_MS);
  }

  /** There may be another transport. */
  wake(): void {
    for (const publication of this.#publications.values()) publication.wake();
    this.#data.wake();
  }

  /**
   * The server tells which producers are ours. What it does not know is published anew, and what
   * we do not know is of nobody's use: its answer was lost.
   */
  reconcile(producerIds: readonly string[], dataProducerIds: readonly string[]): void {
    const publications = [...this.#publications.values()];
    if (!publications.some(({ isProducing }) => isProducing)) {
      const ours = publications.map(({ producerId }) => producerId);
      for (const id of producerIds) if (!ours.includes(id)) this.#server.closeProducer(id);
    }
    for (const one of publications) {
      if (one.producerId !== null && !producerIds.includes(one.producerId)) one.lost();
    }
    const { producerId } = this.#data;
    if (producerId !== null && !dataProducerIds.includes(producerId)) this.#data.lost();
  }

  /** The server has closed one of ours. */
  lost(producerId: string): void {
    for (const one of this.#publications.values()) if (one.producerId === producerId) one.lost();
    if (this.#data.producerId === producerId) this.#data.lost();
  }

  close(): void {
    clearTimeout(this.#repeat);
    for (const publication of this.#publications.values()) publication.close();
    this.#data.close();
  }

  #say(): void {
    if (this.#presence) this.#data.send(writeFrame({ type: 'presence', ...this.#presence }));
  }
}

/** Answers a sending transport's questions by asking the server. */
export function publishThrough(server: SfuServer, transport: types.Transport): void {
  const transportId = transport.id;
  transport.on('produce', ({ kind, rtpParameters, appData }, done, failed) => {
    const { source, paused } = appData as ProducerNote;
    server
      .produce({ transportId, kind, source, rtpParameters, paused })
      .then((id) => done({ id }), failed);
  });
  transport.on('producedata', ({ sctpStreamParameters, label = '' }, done, failed) => {
    server.produceData(transportId, sctpStreamParameters, label).then((id) => done({ id }), failed);
  });
}
