/** Somebody's track on its way to us: the consumer of one producer. */

import type { types } from 'mediasoup-client';

import type { Producer } from '../signaling/protocol';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import { isForbidden, isRefusal, type SfuServer } from './server';

/** What one wants of a track. */
export interface Want {
  /** Nobody looks at it. */
  readonly paused: boolean;
  /** Which of several sizes of a picture will do, counted from the smallest. */
  readonly layer: number;
  /** 0 to 255: who is to have more where there is not enough for all. */
  readonly priority: number;
}

type Told = Partial<Want>;

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
  /** What the server knows of our wants: a picture begins paused, and unsized. */
  #told: Told = { paused: true };
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
    const change = changeOf(this.#told, want(), consumer.kind);
    if (!change) return 'settled';
    try {
      const { layer, ...others } = change;
      const wish = layer === undefined ? others : { ...others, spatialLayer: layer };
      await server.setConsumer({ consumerId: consumer.id, ...wish });
    } catch (error) {
      // The server does not know it, most likely: another one will do.
      if (isRefusal(error) && !consumer.closed) {
        consumer.close();
        server.closeConsumer(consumer.id);
      }
      throw error;
    }
    this.#told = { ...this.#told, ...change };
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
    this.#told = { paused };
    got(consumer.track);
  }

  #isGone(): boolean {
    return this.#isClosed;
  }
}

/** What to tell the server, if anything. A voice has one size, comes first, and always comes. */
function changeOf(told: Told, wanted: Want, kind: types.MediaKind): Partial<Want> | null {
  const isSized = kind === 'video' && !wanted.paused;
  const said: readonly (keyof Want)[] = isSized ? ['paused', 'layer', 'priority'] : ['paused'];
  const changed = said.filter((key) => told[key] !== wanted[key]);
  if (!changed.length) return null;
  return Object.fromEntries(changed.map((key) => [key, wanted[key]]));
}
