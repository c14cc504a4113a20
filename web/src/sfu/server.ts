/** What an ORTC client asks of the server, for one room. */

import type { types } from 'mediasoup-client';

import type { MediaSessionContext } from '../session/media_session';
import { RequestError } from '../signaling/port';
import type {
  Consume,
  ConsumeData,
  Consumer,
  DataConsumer,
  OpenTransport,
  Produce,
  ProduceData,
  SetConsumer,
  SfuEntered,
  Transport,
} from '../signaling/protocol';
import type { Pace } from './pace';

/** What is asked for goes without the envelope. */
type Asked<T> = Omit<T, 'type' | 'id' | 'roomId'>;

/** Refusals that say nothing about what was asked for. */
const PASSING: readonly RequestError['code'][] = [
  'timeout',
  'offline',
  'too-many-requests',
  'not-a-member',
  'sfu-unavailable',
];

/** Whether the server said no, and would say it again. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RequestError && !PASSING.includes(error.code);
}

/** Whether we may not, by the word of whoever invited us. */
export function isForbidden(error: unknown): boolean {
  return error instanceof RequestError && error.code === 'not-permitted';
}

export class SfuServer {
  readonly #roomId: string;
  readonly #request: MediaSessionContext['request'];
  readonly #pace: Pace;

  constructor({ roomId, request }: Pick<MediaSessionContext, 'roomId' | 'request'>, pace: Pace) {
    this.#roomId = roomId;
    this.#request = request;
    this.#pace = pace;
  }

  async enter(): Promise<SfuEntered> {
    return this.#request({ type: 'enter-sfu', roomId: this.#roomId });
  }

  async openTransport(direction: OpenTransport['direction']): Promise<Transport> {
    const roomId = this.#roomId;
    return (await this.#request({ type: 'open-transport', roomId, direction })).transport;
  }

  async connectTransport(transportId: string, dtlsParameters: types.DtlsParameters): Promise<void> {
    const roomId = this.#roomId;
    await this.#request({ type: 'connect-transport', roomId, transportId, dtlsParameters });
  }

  async restartIce(transportId: string): Promise<types.IceParameters> {
    const roomId = this.#roomId;
    const { iceParameters } = await this.#request({ type: 'restart-ice', roomId, transportId });
    return iceParameters as types.IceParameters;
  }

  closeTransport(transportId: string): void {
    forget(this.#request({ type: 'close-transport', roomId: this.#roomId, transportId }));
  }

  async produce(wish: Asked<Produce>): Promise<string> {
    return (await this.#request({ type: 'produce', roomId: this.#roomId, ...wish })).producerId;
  }

  async setProducer(producerId: string, paused: boolean): Promise<void> {
    await this.#request({ type: 'set-producer', roomId: this.#roomId, producerId, paused });
  }

  closeProducer(producerId: string): void {
    forget(this.#request({ type: 'close-producer', roomId: this.#roomId, producerId }));
  }

  async consume(wish: Asked<Consume>): Promise<Consumer> {
    await this.#pace.turn();
    return (await this.#request({ type: 'consume', roomId: this.#roomId, ...wish })).consumer;
  }

  async setConsumer(wish: Asked<SetConsumer>): Promise<void> {
    await this.#pace.turn();
    await this.#request({ type: 'set-consumer', roomId: this.#roomId, ...wish });
  }

  closeConsumer(consumerId: string): void {
    forget(this.#request({ type: 'close-consumer', roomId: this.#roomId, consumerId }));
  }

  async produceData(wish: Asked<ProduceData>): Promise<string> {
    const roomId = this.#roomId;
    return (await this.#request({ type: 'produce-data', roomId, ...wish })).dataProducerId;
  }

  closeDataProducer(dataProducerId: string): void {
    forget(this.#request({ type: 'close-data-producer', roomId: this.#roomId, dataProducerId }));
  }

  async consumeData(wish: Asked<ConsumeData>): Promise<DataConsumer> {
    await this.#pace.turn();
    const roomId = this.#roomId;
    return (await this.#request({ type: 'consume-data', roomId, ...wish })).dataConsumer;
  }

  async resumeDataConsumer(dataConsumerId: string): Promise<void> {
    await this.#pace.turn();
    await this.#request({ type: 'resume-data-consumer', roomId: this.#roomId, dataConsumerId });
  }

  closeDataConsumer(dataConsumerId: string): void {
    forget(this.#request({ type: 'close-data-consumer', roomId: this.#roomId, dataConsumerId }));
  }
}

/** What is closed here is of no use there, whether or not the server hears of it. */
function forget(answer: Promise<unknown>): void {
  answer.catch(() => undefined);
}
