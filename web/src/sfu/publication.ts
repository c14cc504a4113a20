/** One of our tracks on its way to the server: what is wished of it, and the producer that is. */

import type { types } from 'mediasoup-client';

import type { Produce } from '../signaling/protocol';
import {
  canBecome,
  encodingFor,
  withLayers,
  type Codec,
  type Encoding,
  type Slot,
} from './encodings';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import { refit } from './refit';
import { isRefusal, type SfuServer } from './server';

export const SOURCE: Readonly<Record<Slot, Produce['source']>> = {
  microphone: 'microphone',
  camera: 'camera',
  screen: 'screen',
  screenAudio: 'screen-audio',
};

export interface PublicationOptions {
  readonly slot: Slot;
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly capabilities: types.RtpCapabilities;
  readonly codec: Codec;
  /** There is a producer now, or none any more. */
  readonly changed: () => void;
}

/** What the server is told when a producer is made; travels with mediasoup-client's `produce`. */
export interface ProducerNote extends types.AppData {
  readonly source: Produce['source'];
  readonly paused: boolean;
  /** The server's answer, the producer's id: the library does not wait for it. */
  answer: Promise<string> | null;
}

interface Published {
  readonly producer: types.Producer;
  /** By which the server knows it. */
  readonly id: string;
  encoding: Encoding;
  /** What the server knows. */
  isPausedThere: boolean;
  /** How many of its layers anybody may want; null: all of them. */
  layersWanted: number | null;
}

/** What is to be sent; a track of null: nothing for now. */
interface Wish {
  readonly track: MediaStreamTrack | null;
}

export class Publication {
  readonly #options: PublicationOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #wish: Wish | null = null;
  #published: Published | null = null;
  #isProducing = false;
  #isClosed = false;

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  get producerId(): string | null {
    return this.#published?.id ?? null;
  }

  /** Being made: the server may know one already that we do not. */
  get isProducing(): boolean {
    return this.#isProducing;
  }

  /** The server, or the browser, would not have it, and is asked again. */
  get isRefused(): boolean {
    return this.#reconciler.failures > 0;
  }

  /** Whether the server has what is to be sent. */
  get isDone(): boolean {
    return this.#sendable() === null || this.#published?.producer.closed === false;
  }

  /**
   * What is to be sent. A track that is missing for now, or disabled, leaves a producer paused;
   * null: nothing is to be published at all. The same track may come again in another size, or muted.
   */
  set(wish: Wish | null): void {
    this.#wish = wish;
    this.#reconciler.wake();
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** So many layers are wanted, the lowest first: the others are not sent. */
  setLayersWanted(layers: number): void {
    if (!this.#published) return;
    this.#published.layersWanted = layers;
    this.#reconciler.wake();
  }

  /** The server has closed a producer that is still wanted. */
  lost(): void {
    this.#published?.producer.close();
    this.#published = null;
    this.#reconciler.wake();
    this.#options.changed();
  }

  close(): void {
    this.#isClosed = true;
    this.#reconciler.close();
    this.#published?.producer.close();
    this.#published = null;
  }

  async #step(): Promise<StepResult> {
    const published = this.#living();
    if (!published) return this.#begin();
    const track = this.#sendable();
    const encoding = track && withLayers(this.#encodingFor(track), published.layersWanted);
    if (this.#isToEnd(published, encoding)) {
      this.#end(published);
      return 'more';
    }
    if (published.producer.track !== track) {
      await published.producer.replaceTrack({ track });
      return 'more';
    }
    const told = await this.#tell(published, !track?.enabled);
    if (told === 'more' || !encoding || isSame(encoding, published.encoding)) return told;
    await refit(published.producer, encoding);
    published.encoding = encoding;
    return 'more';
  }

  async #begin(): Promise<StepResult> {
    const { transport } = this.#options.leg;
    const track = this.#sendable();
    if (!transport || !track) return 'settled';
    this.#isProducing = true;
    try {
      await this.#produce(transport, track);
    } finally {
      this.#isProducing = false;
    }
    this.#options.changed();
    return 'more';
  }

  /** Says whether there is anything to hear or see in it now. */
  async #tell(published: Published, paused: boolean): Promise<StepResult> {
    if (published.isPausedThere === paused) return 'settled';
    try {
      await this.#options.server.setProducer(published.id, paused);
    } catch (error) {
      // The server does not know it, most likely: another one will do.
      if (isRefusal(error) && this.#published === published) this.#end(published);
      throw error;
    }
    published.isPausedThere = paused;
    return 'more';
  }

  async #produce(transport: types.Transport, track: MediaStreamTrack): Promise<void> {
    const encoding = this.#encodingFor(track);
    const note: ProducerNote = {
      source: SOURCE[this.#options.slot],
      paused: !track.enabled,
      answer: null,
    };
    const producer = await transport.produce({
      track,
      ...structuredClone(encoding),
      // Whose tracks these are decides about them.
      stopTracks: false,
      disableTrackOnPause: false,
      appData: note,
    });
    const id = await this.#known(producer, note);
    if (this.#isClosed) {
      producer.close();
      this.#options.server.closeProducer(id);
      return;
    }
    const isPausedThere = note.paused;
    this.#published = { producer, id, encoding, isPausedThere, layersWanted: null };
  }

  /** The producer's id on the server; what the server does not take is not sent. */
  async #known(producer: types.Producer, { answer }: ProducerNote): Promise<string> {
    try {
      if (!answer) throw new Error('the server was not asked');
      return await answer;
    } catch (error) {
      producer.close();
      throw error;
    }
  }

  /** A producer whose transport is gone is gone too. */
  #living(): Published | null {
    if (this.#published?.producer.closed) this.#published = null;
    return this.#published;
  }

  #sendable(): MediaStreamTrack | null {
    const track = this.#wish?.track ?? null;
    return track?.readyState === 'live' ? track : null;
  }

  #encodingFor(track: MediaStreamTrack): Encoding {
    const { slot, capabilities, codec } = this.#options;
    return encodingFor(slot, track, { capabilities, codec });
  }

  /** A screen is shared or it is not; a camera may come back in a shape that needs another one. */
  #isToEnd(published: Published, encoding: Encoding | null): boolean {
    if (!this.#wish) return true;
    const { slot } = this.#options;
    if (!encoding) return slot === 'screen' || slot === 'screenAudio';
    return !canBecome(published.encoding, encoding);
  }

  #end({ producer, id }: Published): void {
    this.#published = null;
    producer.close();
    this.#options.server.closeProducer(id);
    this.#options.changed();
  }
}

function isSame(one: Encoding, other: Encoding): boolean {
  return JSON.stringify(one.encodings) === JSON.stringify(other.encodings);
}
