/** What a forwarding server does with messages: to all consumers, or to one; later, if they wait. */

import { deliver } from './fake_device';

const LATENCY_MS = 10;

/** One side of a channel. */
export interface StreamEnd {
  readonly transportId: string;
  readonly streamId: number;
}

export interface OpenDataProducer extends StreamEnd {
  readonly owner: string;
  readonly label: string;
  readonly protocol: string;
}

export interface OpenDataConsumer extends StreamEnd {
  readonly owner: string;
  readonly dataProducerId: string;
  /** What was said before it was wanted; null: it is. */
  waiting: string[] | null;
}

export class FakeRelay {
  readonly producers = new Map<string, OpenDataProducer>();
  readonly consumers = new Map<string, OpenDataConsumer>();
  readonly #channel: (end: StreamEnd) => Parameters<typeof deliver>[0];

  /** `channel`: the page's side of a stream, if it has one. */
  constructor(channel: (end: StreamEnd) => Parameters<typeof deliver>[0]) {
    this.#channel = channel;
  }

  /** Returns what the page is told. */
  consume(id: string, wish: Omit<OpenDataConsumer, 'waiting'>, paused: boolean): object {
    this.consumers.set(id, { ...wish, waiting: paused ? [] : null });
    const { dataProducerId, streamId } = wish;
    const { label = '', protocol = '' } = this.producers.get(dataProducerId) ?? {};
    return { dataProducerId, sctpStreamParameters: { streamId }, label, protocol };
  }

  resume(id: string): void {
    const consumer = this.consumers.get(id);
    if (!consumer) return;
    for (const data of consumer.waiting ?? []) this.#deliver(consumer, data);
    consumer.waiting = null;
  }

  /** A message comes on a producer's stream. */
  send({ transportId, streamId }: StreamEnd, data: string): void {
    const only = data.startsWith('@') ? data.slice(1, data.indexOf('\n')) : null;
    for (const consumer of this.consumers.values()) {
      const source = this.producers.get(consumer.dataProducerId);
      if (source?.transportId !== transportId || source.streamId !== streamId) continue;
      if (only !== null && source.protocol === 'crossover' && only !== consumer.owner) continue;
      if (consumer.waiting) consumer.waiting.push(data);
      else this.#deliver(consumer, data);
    }
  }

  #deliver(consumer: StreamEnd, data: string): void {
    setTimeout(() => deliver(this.#channel(consumer), data), LATENCY_MS);
  }
}
