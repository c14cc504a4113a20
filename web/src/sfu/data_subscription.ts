/** What somebody says to the room, on its way to us: the data consumer of one data producer. */

import type { types } from 'mediasoup-client';

import type { DataProducer } from '../signaling/protocol';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import type { SfuServer } from './server';

/** A channel that was closed under us is made anew after a while. */
const REOPEN_MS = 3_000;

export interface DataSubscriptionOptions {
  readonly producer: DataProducer;
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
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: DataSubscriptionOptions) {
    this.#options = options;
    this.#reconciler.wake();
  }

  get producer(): DataProducer {
    return this.#options.producer;
  }

  get isOpen(): boolean {
    return this.#isCurrent && this.#consumer?.readyState === 'open';
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
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
    if (this.#consumer || !leg.transport) return 'settled';
    await this.#consume(leg.transport);
    return 'more';
  }

  async #consume(transport: types.Transport): Promise<void> {
    const { leg, server, producer } = this.#options;
    const offered = await server.consumeData(transport.id, producer.id);
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
    this.#adopt(consumer);
  }

  #adopt(consumer: types.DataConsumer): void {
    const { server, heard, changed } = this.#options;
    this.#consumer = consumer;
    consumer.on('open', changed);
    consumer.on('message', (data: unknown) => {
      if (this.#consumer === consumer) heard(data);
    });
    consumer.on('close', () => {
      if (this.#consumer !== consumer) return;
      server.closeDataConsumer(consumer.id);
      changed();
      this.#reopen = setTimeout(() => {
        this.#reopen = undefined;
        this.#reconciler.wake();
      }, REOPEN_MS);
    });
    changed();
  }

  get #isCurrent(): boolean {
    return this.#transport === this.#options.leg.transport;
  }

  #isGone(): boolean {
    return this.#isClosed;
  }
}
