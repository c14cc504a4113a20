/** What somebody says on one of their channels, on its way to us: the consumer of a data producer. */

import type { types } from 'mediasoup-client';

import type { DataProducer } from '../signaling/protocol';
import type { ChannelKind } from './channel_kinds';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import { isRefusal, type SfuServer } from './server';

/** A channel that was closed under us is made anew after a while. */
const REOPEN_MS = 2_000;

export interface DataSubscriptionOptions {
  readonly producer: DataProducer;
  readonly kind: ChannelKind;
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly heard: (data: unknown) => void;
  /** It has been opened, or closed. */
  readonly changed: () => void;
}

export class DataSubscription {
  readonly #options: DataSubscriptionOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #consumer: types.DataConsumer | null = null;
  /** What the consumer came on. */
  #transport: types.Transport | null = null;
  /** The server sends; before that, what is said waits there. */
  #flows = false;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: DataSubscriptionOptions) {
    this.#options = options;
    this.#reconciler.wake();
  }

  get producer(): DataProducer {
    return this.#options.producer;
  }

  get kind(): ChannelKind {
    return this.#options.kind;
  }

  get isOpen(): boolean {
    return this.#isCurrent && this.#consumer?.readyState === 'open';
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** The server has closed a data consumer, maybe this one: we read too slowly. Not for good. */
  lost(dataConsumerId: string): void {
    const consumer = this.#consumer;
    if (consumer?.id !== dataConsumerId || consumer.closed) return;
    consumer.close();
    this.#reopenLater();
  }

  /** `byServer`: the producer is gone, and the server has closed the consumer itself. */
  close(byServer: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#reopen);
    this.#reconciler.close();
    const consumer = this.#consumer;
    this.#consumer = null;
    if (!consumer || consumer.closed || !this.#isCurrent) return;
    consumer.close();
    if (!byServer) this.#options.server.closeDataConsumer(consumer.id);
  }

  async #step(): Promise<StepResult> {
    const { leg } = this.#options;
    // One whose transport is gone is gone too.
    if (!this.#isCurrent || (this.#consumer?.closed && this.#reopen === undefined)) {
      this.#consumer = null;
    }
    if (this.#consumer) return this.#begin(this.#consumer);
    if (!leg.transport) return 'settled';
    await this.#consume(leg.transport);
    return 'more';
  }

  async #consume(transport: types.Transport): Promise<void> {
    const { leg, server, producer, kind } = this.#options;
    // What comes before the browser knows the channel is lost: let it wait, unless it may be lost.
    const paused = kind === 'reliable';
    const wish = { transportId: transport.id, dataProducerId: producer.id, paused };
    const offered = await server.consumeData(wish);
    let consumer: types.DataConsumer;
    try {
      if (this.#isClosed) throw new Error('no longer wanted');
      consumer = await transport.consumeData({
        id: offered.id,
        dataProducerId: producer.id,
        sctpStreamParameters: offered.sctpStreamParameters as types.SctpStreamParameters,
        label: offered.label,
        protocol: offered.protocol,
      });
    } catch (error) {
      server.closeDataConsumer(offered.id);
      throw error;
    }
    if (this.#isGone() || transport !== leg.transport) {
      consumer.close();
      server.closeDataConsumer(offered.id);
      return;
    }
    this.#transport = transport;
    this.#flows = !paused;
    this.#adopt(consumer);
  }

  /** The channel is open: what has waited may come. */
  async #begin(consumer: types.DataConsumer): Promise<StepResult> {
    if (this.#flows || consumer.readyState !== 'open') return 'settled';
    const { server } = this.#options;
    try {
      await server.resumeDataConsumer(consumer.id);
    } catch (error) {
      // The server does not know it, most likely: another one will do.
      if (isRefusal(error) && !consumer.closed) {
        consumer.close();
        server.closeDataConsumer(consumer.id);
        this.#options.changed();
      }
      throw error;
    }
    if (this.#consumer === consumer) this.#flows = true;
    return 'more';
  }

  #adopt(consumer: types.DataConsumer): void {
    const { server, heard, changed } = this.#options;
    this.#consumer = consumer;
    consumer.on('open', () => {
      this.#reconciler.wake();
      changed();
    });
    consumer.on('message', (data: unknown) => {
      if (this.#consumer === consumer) heard(data);
    });
    consumer.on('close', () => {
      if (this.#consumer !== consumer) return;
      server.closeDataConsumer(consumer.id);
      this.#reopenLater();
    });
    changed();
  }

  #reopenLater(): void {
    this.#options.changed();
    this.#reopen = setTimeout(() => {
      this.#reopen = undefined;
      this.#reconciler.wake();
    }, REOPEN_MS);
  }

  get #isCurrent(): boolean {
    return this.#transport === this.#options.leg.transport;
  }

  #isGone(): boolean {
    return this.#isClosed;
  }
}
