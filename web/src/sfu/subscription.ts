/** Somebody's track on its way to us: the consumer of one producer. */

import type { types } from 'mediasoup-client';

import type { Producer, SetConsumer } from '../signaling/protocol';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import { isForbidden, isRefusal, type SfuServer } from './server';

/** What one wants of a track. */
export interface Want {
  /** Nobody looks at it. */
  readonly paused: boolean;
  /** Which of several sizes of a picture will do, counted from the smallest. */
  readonly layer: number;
}

export interface SubscriptionOptions {
  readonly producer: Producer;
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly capabilities: types.RtpCapabilities;
  /** Tracks with the same name are played in step. */
  readonly streamId: string;
  readonly want: () => Want;
  /** There is a track, in place of any before. */
  readonly got: (track: MediaStreamTrack) => void;
}

export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #consumer: types.Consumer | null = null;
  /** What the consumer came on; whatever comes on another is gone, though it may still be shown. */
  #transport: types.Transport | null = null;
  /** What the server knows of our wants; null: nothing yet, a picture begins paused. */
  #told: Want | null = null;
  #isClosed = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#reconciler.wake();
  }

  get producer(): Producer {
    return this.#options.producer;
  }

  get consumer(): types.Consumer | null {
    const isAlive = this.#consumer?.closed === false;
    return isAlive && this.#transport === this.#options.leg.transport ? this.#consumer : null;
  }

  /** What is wanted has changed, or there is another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** `byServer`: the producer is gone, and the server has closed the consumer itself. */
  close(byServer: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reconciler.close();
    const { consumer } = this;
    this.#consumer = null;
    if (!consumer) return;
    consumer.close();
    if (!byServer) this.#options.server.closeConsumer(consumer.id);
  }

  async #step(): Promise<StepResult> {
    const { leg } = this.#options;
    const { consumer } = this;
    if (consumer) return this.#tell(consumer);
    if (!leg.transport) return 'settled';
    try {
      await this.#consume(leg.transport);
    } catch (error) {
      if (isForbidden(error)) return 'settled';
      throw error;
    }
    return 'more';
  }

  async #tell(consumer: types.Consumer): Promise<StepResult> {
    const { want, server } = this.#options;
    const wanted = want();
    const change = changeOf(this.#told, wanted, consumer.kind);
    if (!change) return 'settled';
    try {
      await server.setConsumer({ consumerId: consumer.id, ...change });
    } catch (error) {
      // The server does not know it, most likely: another one will do.
      if (isRefusal(error) && !consumer.closed) {
        consumer.close();
        server.closeConsumer(consumer.id);
      }
      throw error;
    }
    this.#told = wanted;
    return 'more';
  }

  async #consume(transport: types.Transport): Promise<void> {
    const { leg, server, producer, capabilities, streamId, got } = this.#options;
    // A picture waits for the track to be attached: it would lose its key frame, and publishers are
    // asked for another only once a second. A voice can begin anywhere.
    const paused = producer.kind === 'video';
    const offered = await server.consume({
      transportId: transport.id,
      producerId: producer.id,
      rtpCapabilities: capabilities,
      paused,
    });
    let consumer: types.Consumer;
    try {
      if (this.#isClosed) throw new Error('no longer wanted');
      consumer = await transport.consume({
        id: offered.id,
        producerId: producer.id,
        kind: offered.kind,
        rtpParameters: offered.rtpParameters as types.RtpParameters,
        streamId,
      });
    } catch (error) {
      server.closeConsumer(offered.id);
      throw error;
    }
    // The wish or the way may have ended while the browser was busy with it.
    if (this.#isGone() || transport !== leg.transport) {
      consumer.close();
      server.closeConsumer(offered.id);
      return;
    }
    this.#consumer = consumer;
    this.#transport = transport;
    this.#told = paused ? null : { paused, layer: 0 };
    got(consumer.track);
  }

  #isGone(): boolean {
    return this.#isClosed;
  }
}

/** What to tell the server, if anything. A voice has one size, and is always listened to. */
function changeOf(
  told: Want | null,
  wanted: Want,
  kind: types.MediaKind,
): Omit<SetConsumer, 'type' | 'id' | 'roomId' | 'consumerId'> | null {
  const change = {
    ...((told?.paused ?? true) === wanted.paused ? {} : { paused: wanted.paused }),
    ...(kind === 'audio' || wanted.paused || told?.layer === wanted.layer
      ? {}
      : { spatialLayer: wanted.layer }),
  };
  return Object.keys(change).length ? change : null;
}
