/** The channel on which we speak to everybody in the room. */

import type { types } from 'mediasoup-client';

import type { Leg } from './leg';
import { Reconciler, type StepResult } from './reconciler';
import type { SfuServer } from './server';

/** What our pages' channels are called; others' are nothing to us. */
export const LABEL = 'crossover';

/** More than this waits for the network: what is said now would only come too late. */
const MAX_BUFFERED = 262_144;
/** A channel that was closed under us is made anew after a while. */
const REOPEN_MS = 3_000;

export interface DataPublicationOptions {
  readonly leg: Leg;
  readonly server: SfuServer;
  readonly opened: () => void;
}

export class DataPublication {
  readonly #options: DataPublicationOptions;
  readonly #reconciler = new Reconciler(() => this.#step());
  #producer: types.DataProducer | null = null;
  #reopen: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: DataPublicationOptions) {
    this.#options = options;
  }

  get producerId(): string | null {
    return this.#producer?.id ?? null;
  }

  /** There may be another transport. */
  wake(): void {
    this.#reconciler.wake();
  }

  /** The server has closed it. */
  lost(): void {
    this.#producer?.close();
    this.#producer = null;
    this.#reconciler.wake();
  }

  /** Whether the channel took it. */
  send(text: string): boolean {
    const producer = this.#producer;
    if (producer?.readyState !== 'open' || producer.bufferedAmount > MAX_BUFFERED) return false;
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
    this.#producer?.close();
    this.#producer = null;
  }

  async #step(): Promise<StepResult> {
    const { leg, server, opened } = this.#options;
    // One whose transport is gone is gone too.
    if (this.#producer?.closed && this.#reopen === undefined) this.#producer = null;
    if (this.#producer || !leg.transport) return 'settled';
    const producer = await leg.transport.produceData({ ordered: true, label: LABEL });
    if (this.#isClosed) {
      producer.close();
      return 'settled';
    }
    this.#producer = producer;
    producer.on('open', opened);
    producer.on('close', () => {
      if (this.#producer !== producer) return;
      server.closeDataProducer(producer.id);
      this.#reopen = setTimeout(() => {
        this.#reopen = undefined;
        this.lost();
      }, REOPEN_MS);
    });
    if (producer.readyState === 'open') opened();
    return 'settled';
  }
}
