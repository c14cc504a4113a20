/** One of our tracks on its way to the server: what is wished of it, and the producer that is. */

import type { types } from 'mediasoup-client';

import type { Produce } from '../signaling/protocol';
import { encodingFor, sizesOf, type Codec, type Slot } from './encodings';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
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
}

/** What the server is told when a producer is made; travels with mediasoup-client's `produce`. */
export interface ProducerNote extends types.AppData {
  readonly source: Produce['source'];
  readonly paused: boolean;
}

export class Publication {
  readonly #options: PublicationOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #track: MediaStreamTrack | null = null;
  #paused = false;
  #producer: types.Producer | null = null;
  #sizes = 0;
  /** What the server knows. */
  #isPausedThere = false;
  #isProducing = false;
  #isClosed = false;

  constructor(options: PublicationOptions) {
    this.#options = options;
  }

  get producerId(): string | null {
    return this.#producer?.id ?? null;
  }

  /** Being made: the server may know one already that we do not. */
  get isProducing(): boolean {
    return this.#isProducing;
  }

  /** What is to be sent; null or `paused`: nothing for now. */
  set(track: MediaStreamTrack | null, paused: boolean): void {
    this.#track = track;
    this.#paused = paused;
    this.#reconciler.wake();
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** The server has closed a producer that is still wanted. */
  lost(): void {
    this.#producer?.close();
    this.#producer = null;
    this.#reconciler.wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#reconciler.close();
    this.#producer?.close();
    this.#producer = null;
  }

  async #step(): Promise<StepResult> {
    const { leg } = this.#options;
    const producer = this.#living();
    if (!producer) {
      const track = this.#sendable();
      if (!leg.transport || !track) return 'settled';
      this.#isProducing = true;
      try {
        await this.#produce(leg.transport, track);
      } finally {
        this.#isProducing = false;
      }
      return 'more';
    }
    if (this.#isToEnd()) {
      this.#end(producer);
      return 'more';
    }
    const track = this.#sendable();
    if (producer.track !== track) {
      await producer.replaceTrack({ track });
      return 'more';
    }
    return this.#tell(producer, track === null || this.#paused);
  }

  /** Says whether there is anything to hear or see in it now. */
  async #tell(producer: types.Producer, paused: boolean): Promise<StepResult> {
    if (this.#isPausedThere === paused) return 'settled';
    try {
      await this.#options.server.setProducer(producer.id, paused);
    } catch (error) {
      // The server does not know it, most likely: another one will do.
      if (isRefusal(error) && this.#producer === producer) this.#end(producer);
      throw error;
    }
    this.#isPausedThere = paused;
    return 'more';
  }

  async #produce(transport: types.Transport, track: MediaStreamTrack): Promise<void> {
    const { slot, capabilities, codec, server } = this.#options;
    const note: ProducerNote = { source: SOURCE[slot], paused: this.#paused };
    const producer = await transport.produce({
      track,
      ...structuredClone(encodingFor(slot, track, { capabilities, codec })),
      // Whose tracks these are decides about them.
      stopTracks: false,
      disableTrackOnPause: false,
      appData: note,
    });
    if (this.#isClosed) {
      producer.close();
      server.closeProducer(producer.id);
      return;
    }
    this.#producer = producer;
    this.#sizes = sizesOf(slot, track);
    this.#isPausedThere = note.paused;
  }

  /** A producer whose transport is gone is gone too. */
  #living(): types.Producer | null {
    if (this.#producer?.closed) this.#producer = null;
    return this.#producer;
  }

  #sendable(): MediaStreamTrack | null {
    return this.#track?.readyState === 'live' ? this.#track : null;
  }

  /** A screen is shared or it is not; a camera may come back in another shape. */
  #isToEnd(): boolean {
    const { slot } = this.#options;
    const track = this.#sendable();
    if (!track) return slot === 'screen' || slot === 'screenAudio';
    return sizesOf(slot, track) !== this.#sizes;
  }

  #end(producer: types.Producer): void {
    this.#producer = null;
    producer.close();
    this.#options.server.closeProducer(producer.id);
  }
}
