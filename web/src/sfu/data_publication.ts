/** One of the two channels on which we speak to the others. */

import type { types } from 'mediasoup-client';

import { CHANNELS, PROTOCOL, type ChannelKind } from './channel_kinds';
import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import { isForbidden, type SfuServer } from './server';

/** A channel that was closed under us is made anew after a while. */
const REOPEN_MS = 3_000;

export interface DataPublicationOptions {
  readonly kind: ChannelKind;
  readonly leg: Leg;
  readonly server: SfuServer;
  /** It is there, has been opened, or is gone. */
  readonly changed: () => void;
}

/** As `ProducerNote`. */
export interface DataProducerNote extends types.AppData {
  answer: Promise<string> | null;
}

interface Published {
  readonly producer: types.DataProducer;
  /** By which the server knows it. */
  readonly id: string;
}

export class DataPublication {
  readonly #options: DataPublicationOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #published: Published | null = null;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** We may not speak; the server would say it again. */
  #isForbidden = false;

  constructor(options: DataPublicationOptions) {
    this.#options = options;
  }

  get producerId(): string | null {
    return this.#published?.id ?? null;
  }

  /** Whether the server has it. */
  get isDone(): boolean {
    return this.#isForbidden || this.#published?.producer.closed === false;
  }

  get isOpen(): boolean {
    return this.#published?.producer.readyState === 'open';
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** The server has closed it. */
  lost(): void {
    this.#published?.producer.close();
    this.#published = null;
    this.#reconciler.wake();
    this.#options.changed();
  }

  /** Whether the channel took it. */
  send(text: string): boolean {
    const producer = this.#published?.producer;
    if (producer?.readyState !== 'open') return false;
    if (producer.bufferedAmount > CHANNELS[this.#options.kind].mostBuffered) return false;
    try {
      producer.send(text);
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopen);
    this.#reconciler.close();
    this.#published?.producer.close();
    this.#published = null;
  }

  async #step(): Promise<StepResult> {
    const { leg } = this.#options;
    // One whose transport is gone is gone too.
    if (this.#published?.producer.closed && this.#reopen === undefined) this.#published = null;
    if (this.#isForbidden || this.#published || !leg.transport) return 'settled';
    try {
      await this.#produce(leg.transport);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#isForbidden = true;
      this.#options.changed();
      return 'settled';
    }
    return 'more';
  }

  async #produce(transport: types.Transport): Promise<void> {
    const { kind, server, changed } = this.#options;
    const { label, options } = CHANNELS[kind];
    const note: DataProducerNote = { answer: null };
    const given = { ...options, label, protocol: PROTOCOL, appData: note };
    const producer = await transport.produceData(given);
    const id = await this.#known(producer, note);
    if (this.#isClosed) {
      producer.close();
      server.closeDataProducer(id);
      return;
    }
    const published = { producer, id };
    this.#published = published;
    producer.on('open', changed);
    producer.on('close', () => this.#closed(published));
    changed();
  }

  /** As with `Publication`. */
  async #known(producer: types.DataProducer, { answer }: DataProducerNote): Promise<string> {
    try {
      if (!answer) throw new Error('the server was not asked');
      return await answer;
    } catch (error) {
      producer.close();
      throw error;
    }
  }

  #closed(published: Published): void {
    if (this.#published !== published) return;
    const { server, changed } = this.#options;
    server.closeDataProducer(published.id);
    this.#reopen = setTimeout(() => {
      this.#reopen = undefined;
      this.lost();
    }, REOPEN_MS);
    changed();
  }
}
