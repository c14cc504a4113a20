/** Everything we publish: four tracks at most, and two channels to speak on. */

import type { types } from 'mediasoup-client';

import type { LocalTracks } from '../session/media_session';
import { DataPublication, type DataProducerNote } from './data_publication';
import type { Codec, Slot } from './encodings';
import type { Leg } from './leg';
import { Publication, type ProducerNote } from './publication';
import type { SfuServer } from './server';

const SLOTS: readonly Slot[] = ['microphone', 'camera', 'screenAudio', 'screen'];

export interface UplinkOptions {
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly device: types.Device;
  readonly codec: Codec;
  /** Something has been published, or opened, or is gone. */
  readonly changed: () => void;
}

export class Uplink {
  readonly #publications: ReadonlyMap<Slot, Publication>;
  readonly #reliable: DataPublication;
  readonly #lossy: DataPublication;
  readonly #server: SfuServer;

  constructor({ leg, server, device, codec, changed }: UplinkOptions) {
    this.#server = server;
    const both = { leg, server, changed };
    const capabilities = device.sendRtpCapabilities;
    this.#publications = new Map(
      SLOTS.map((slot) => [slot, new Publication({ ...both, slot, capabilities, codec })]),
    );
    this.#reliable = new DataPublication({ ...both, kind: 'reliable' });
    this.#lossy = new DataPublication({ ...both, kind: 'lossy' });
  }

  /** Whether the server has all that should be published. */
  get isDone(): boolean {
    return [...this.#publications.values(), ...this.#channels].every(({ isDone }) => isDone);
  }

  /** Whether something that should be published has been refused. */
  get isRefused(): boolean {
    return [...this.#publications.values()].some(({ isRefused }) => isRefused);
  }

  /** Whether reliable messages can be sent. */
  get isOpen(): boolean {
    return this.#reliable.isOpen;
  }

  /** Null: no track is published, not even a muted one. */
  set(tracks: LocalTracks | null): void {
    for (const [slot, publication] of this.#publications) {
      publication.set(tracks && { track: tracks[slot] });
    }
    for (const channel of this.#channels) channel.wake();
  }

  /** Whether the channel took it. */
  send(text: string, lossy: boolean): boolean {
    return (lossy ? this.#lossy : this.#reliable).send(text);
  }

  /** There may be another transport. */
  wake(): void {
    for (const publication of this.#publications.values()) publication.wake();
    for (const channel of this.#channels) channel.wake();
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
    for (const one of this.#channels) {
      if (one.producerId !== null && !dataProducerIds.includes(one.producerId)) one.lost();
    }
  }

  /** Nobody wants more than so many layers of one of ours. */
  setLayersWanted(producerId: string, layers: number): void {
    for (const one of this.#publications.values()) {
      if (one.producerId === producerId) one.setLayersWanted(layers);
    }
  }

  /** The server has closed one of ours. */
  lost(producerId: string): void {
    for (const one of [...this.#publications.values(), ...this.#channels]) {
      if (one.producerId === producerId) one.lost();
    }
  }

  close(): void {
    for (const publication of this.#publications.values()) publication.close();
    for (const channel of this.#channels) channel.close();
  }

  get #channels(): readonly DataPublication[] {
    return [this.#reliable, this.#lossy];
  }
}

/**
 * Answers a sending transport's questions. The library makes one thing after the other; if it had to
 * wait for the server each time, publishing four would take four round trips. So it gets a name of
 * our own, and the server's answer goes to whoever publishes.
 */
export function publishThrough(server: SfuServer, transport: types.Transport): void {
  const transportId = transport.id;
  let made = 0;
  const named = () => ({ id: `${transportId}/${(made += 1)}` });
  transport.on('produce', ({ kind, rtpParameters, appData }, done) => {
    const note = appData as ProducerNote;
    const { source, paused } = note;
    note.answer = awaited(server.produce({ transportId, kind, source, rtpParameters, paused }));
    done(named());
  });
  transport.on('producedata', (wish, done) => {
    const { sctpStreamParameters, label = '', protocol = '' } = wish;
    const note = wish.appData as DataProducerNote;
    note.answer = awaited(
      server.produceData({ transportId, sctpStreamParameters, label, protocol }),
    );
    done(named());
  });
}

/** Somebody will look at it, maybe later than it fails. */
function awaited<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}
