/** A server that forwards, without media: one room, its router, and what is open in it. */

import { testFakeParameters, type types } from 'mediasoup-client';

import type { MediaNotice } from '../../session/media_session';
import { RequestError, type Ask, type Request } from '../../signaling/port';
import type { ErrorCode, Producer } from '../../signaling/protocol';
import { openChannel, type Connections } from './fake_device';
import { FakeRelay, type OpenDataProducer, type StreamEnd } from './fake_relay';

interface Client {
  readonly hear: (notice: MediaNotice) => void;
  readonly connections: Connections;
  hasEntered: boolean;
}

interface OpenTransport {
  readonly owner: string;
  readonly direction: 'send' | 'recv';
}

interface OpenConsumer {
  readonly owner: string;
  readonly transportId: string;
  readonly producerId: string;
  paused: boolean;
  layer: number | null;
}

type On<T extends Request['type']> = Extract<Request, { type: T }>;

const ROOM = 'r1';
const LATENCY_MS = 10;

export class FakeSfu {
  routerId = 'router-1';
  /** Whether there is a router at all. */
  isUp = true;
  readonly clients = new Map<string, Client>();
  readonly transports = new Map<string, OpenTransport>();
  readonly producers = new Map<string, Producer & { readonly transportId: string }>();
  readonly consumers = new Map<string, OpenConsumer>();
  readonly #relay = new FakeRelay((end) => this.#channel(end));
  readonly dataProducers = this.#relay.producers;
  readonly dataConsumers = this.#relay.consumers;
  /** Everything that was asked, in order. */
  readonly asked: { readonly by: string; readonly request: Request }[] = [];
  /** Those whose packets do not arrive here. */
  readonly cutOff = new Set<string>();
  /** Whether to refuse, and why; 'lost': it never arrives. */
  refuses: (request: Request, by: string) => ErrorCode | 'lost' | null = () => null;
  /** Transports in the router of before, of which who enters the next is not told. */
  readonly before = new Set<string>();
  #last = 0;

  ask(by: string): Ask {
    return (async (request: Request) => {
      this.asked.push({ by, request });
      const refusal = this.refuses(request, by);
      if (refusal === 'lost') await pause(10_000);
      else await pause(LATENCY_MS);
      if (refusal === 'lost') throw new RequestError('timeout', 'nobody answers');
      if (refusal !== null) throw new RequestError(refusal, 'no');
      const answer: unknown = this.#answer(request, by);
      await pause(LATENCY_MS);
      return answer;
    }) as unknown as Ask;
  }

  types(by: string): string[] {
    return this.asked.filter((one) => one.by === by).map(({ request }) => request.type);
  }

  sourcesOf(owner: string): string[] {
    return [...this.producers.values()]
      .filter(({ memberId }) => memberId === owner)
      .map(({ source, paused }) => (paused ? `${source} (paused)` : source));
  }

  consumersOf(owner: string): OpenConsumer[] {
    return [...this.consumers.values()].filter((one) => one.owner === owner);
  }

  /** The process ends, with everything in it. */
  loseRouter(): void {
    const routerId = this.routerId;
    const rooms = [this.transports, this.producers, this.consumers];
    for (const all of [...rooms, this.dataProducers, this.dataConsumers]) all.clear();
    this.routerId = this.newId('router');
    this.tell(() => true, { type: 'router-lost', roomId: ROOM, routerId });
    for (const client of this.clients.values()) client.hasEntered = false;
  }

  /** A transport ends, as after half a minute without a sign of life. */
  closeTransport(transportId: string, reason: string | null = 'ice-expired'): void {
    const transport = this.transports.get(transportId);
    if (!transport) return;
    this.transports.delete(transportId);
    for (const [id, one] of this.producers) if (one.transportId === transportId) this.close(id);
    for (const [id, one] of this.dataProducers) if (one.transportId === transportId) this.close(id);
    const wasThere = (one: { readonly transportId: string }) => one.transportId === transportId;
    remove(this.consumers, wasThere);
    remove(this.dataConsumers, wasThere);
    if (reason === null) return;
    const notice = { type: 'transport-closed', roomId: ROOM, transportId, reason } as const;
    this.tell((id) => id === transport.owner, notice);
  }

  transportOf(owner: string, direction: 'send' | 'recv'): string | undefined {
    return [...this.transports].find(
      ([, one]) => one.owner === owner && one.direction === direction,
    )?.[0];
  }

  /** A producer or data producer ends. */
  close(producerId: string): void {
    const producer = this.producers.get(producerId);
    remove(this.consumers, (one) => one.producerId === producerId);
    remove(this.dataConsumers, (one) => one.dataProducerId === producerId);
    if (producer) {
      this.producers.delete(producerId);
      const others = (id: string) => id !== producer.memberId;
      this.tell(others, { type: 'producer-removed', roomId: ROOM, producerId });
    }
    const data = this.dataProducers.get(producerId);
    if (!data) return;
    this.dataProducers.delete(producerId);
    const notice = { roomId: ROOM, dataProducerId: producerId };
    this.tell((id) => id !== data.owner, { type: 'data-producer-removed', ...notice });
  }

  /** Somebody reads too slowly. */
  closeDataConsumer(dataConsumerId: string): void {
    const consumer = this.dataConsumers.get(dataConsumerId);
    if (!consumer) return;
    this.dataConsumers.delete(dataConsumerId);
    const notice = { roomId: ROOM, dataConsumerId, reason: 'too-slow' };
    this.tell((id) => id === consumer.owner, { type: 'data-consumer-removed', ...notice });
  }

  leave(memberId: string): void {
    for (const [id, one] of this.transports) if (one.owner === memberId) this.closeTransport(id);
    this.clients.delete(memberId);
  }

  /** Whether packets arrive on a transport. */
  setState(transportId: string | undefined, state: types.ConnectionState): void {
    for (const { connections } of this.clients.values()) {
      const connection = connections.get(transportId ?? '');
      if (connection && !connection.isClosed) connection.handler.setConnectionState(state);
    }
  }

  #answer(request: Request, by: string): unknown {
    const client = this.clients.get(by);
    if (!client) throw new RequestError('not-a-member', 'who?');
    if (!this.isUp) throw new RequestError('sfu-unavailable', 'later');
    if (request.type === 'enter-sfu') return this.#enter(client, by);
    if (!client.hasEntered) throw new RequestError('transport-not-found', 'enter first');
    switch (request.type) {
      case 'open-transport':
        return { transport: this.#openTransport(request, by) };
      case 'connect-transport':
        this.#known(this.transports, request.transportId, 'transport-not-found');
        setTimeout(() => this.#connect(client, request.transportId), LATENCY_MS);
        return {};
      case 'restart-ice':
        this.#known(this.transports, request.transportId, 'transport-not-found');
        return { iceParameters: { usernameFragment: request.transportId, password: 'new' } };
      case 'close-transport':
        this.closeTransport(request.transportId, null);
        return {};
      default:
        return this.#answerMedia(request, by);
    }
  }

  #answerMedia(request: Request, by: string): unknown {
    switch (request.type) {
      case 'produce':
        return { producerId: this.#produce(request, by) };
      case 'set-producer':
        return this.#setProducer(request);
      case 'consume':
        return { consumer: this.#consume(request, by) };
      case 'set-consumer':
        return this.#setConsumer(request);
      case 'produce-data':
        return { dataProducerId: this.#produceData(request, by) };
      case 'consume-data':
        return { dataConsumer: this.#consumeData(request, by) };
      case 'resume-data-consumer':
        this.#known(this.dataConsumers, request.dataConsumerId, 'consumer-not-found');
        this.#relay.resume(request.dataConsumerId);
        return {};
      default:
        return this.#answerClosing(request);
    }
  }

  #answerClosing(request: Request): unknown {
    if (request.type === 'close-producer') this.close(request.producerId);
    else if (request.type === 'close-data-producer') this.close(request.dataProducerId);
    else if (request.type === 'close-consumer') this.consumers.delete(request.consumerId);
    else if (request.type === 'close-data-consumer') {
      this.dataConsumers.delete(request.dataConsumerId);
    } else throw new RequestError('unknown-type', request.type);
    return {};
  }

  #enter(client: Client, by: string): unknown {
    client.hasEntered = true;
    const isHere = ([id]: [string, unknown]) => !this.before.has(id);
    const transports = [...this.transports].filter(isHere);
    return {
      routerId: this.routerId,
      rtpCapabilities: structuredClone(testFakeParameters.generateRouterRtpCapabilities()),
      transports: transports.filter(([, one]) => one.owner === by).map(([id]) => id),
      producers: [...this.producers.values()].filter((one) => isHere([one.transportId, one])),
      dataProducers: [...this.dataProducers]
        .filter(([, one]) => isHere([one.transportId, one]))
        .map(([id, one]) => dataProducer(id, one)),
    };
  }

  #openTransport({ direction }: On<'open-transport'>, owner: string): unknown {
    const id = this.newId('transport');
    this.transports.set(id, { owner, direction });
    const remote = testFakeParameters.generateTransportRemoteParameters();
    return { ...remote, id, iceParameters: { usernameFragment: id, password: 'secret' } };
  }

  #connect({ connections }: Client, transportId: string): void {
    const connection = connections.get(transportId);
    const transport = this.transports.get(transportId);
    if (!connection || connection.isClosed || !transport) return;
    if (this.cutOff.has(transport.owner)) return;
    connection.handler.setConnectionState('connected');
    for (const streamId of connection.channels.keys()) this.#openChannel(transportId, streamId);
  }

  #openChannel(transportId: string, streamId: number): void {
    const said = (data: string) => this.#relay.send({ transportId, streamId }, data);
    setTimeout(() => {
      const owner = this.transports.get(transportId)?.owner ?? '';
      if (this.cutOff.has(owner)) return;
      openChannel(this.#channel({ transportId, streamId }), said);
    }, LATENCY_MS);
  }

  #produce({ transportId, kind, source, paused }: On<'produce'>, memberId: string): string {
    this.#known(this.transports, transportId, 'transport-not-found');
    const id = this.newId('producer');
    const producer = { id, memberId, kind, source, paused: paused ?? false };
    this.producers.set(id, { ...producer, transportId });
    this.tell((one) => one !== memberId, { type: 'producer-added', roomId: ROOM, producer });
    return id;
  }

  #setProducer({ producerId, paused }: On<'set-producer'>): unknown {
    const producer = this.#known(this.producers, producerId, 'producer-not-found');
    this.producers.set(producerId, { ...producer, paused });
    const others = (id: string) => id !== producer.memberId;
    this.tell(others, { type: 'producer-changed', roomId: ROOM, producerId, paused });
    return {};
  }

  #consume({ transportId, producerId, paused }: On<'consume'>, owner: string): unknown {
    this.#known(this.transports, transportId, 'transport-not-found');
    const producer = this.#known(this.producers, producerId, 'producer-not-found');
    const id = this.newId('consumer');
    const wanted = { owner, transportId, producerId, paused: paused ?? true, layer: null };
    this.consumers.set(id, wanted);
    const codecMimeType = producer.kind === 'audio' ? 'audio/opus' : 'video/VP8';
    const { rtpParameters } = testFakeParameters.generateConsumerRemoteParameters({
      id,
      codecMimeType,
    });
    const { kind } = producer;
    return { id, producerId, kind, type: 'simple', rtpParameters, producerPaused: false };
  }

  #setConsumer({ consumerId, paused, spatialLayer }: On<'set-consumer'>): unknown {
    const consumer = this.#known(this.consumers, consumerId, 'consumer-not-found');
    consumer.paused = paused ?? consumer.paused;
    consumer.layer = spatialLayer ?? consumer.layer;
    return {};
  }

  #produceData(request: On<'produce-data'>, owner: string): string {
    const { transportId, label = '', protocol = '' } = request;
    this.#known(this.transports, transportId, 'transport-not-found');
    const id = this.newId('data-producer');
    const { streamId } = request.sctpStreamParameters as { streamId: number };
    const producer = { owner, transportId, streamId, label, protocol };
    this.dataProducers.set(id, producer);
    this.#openChannel(transportId, streamId);
    const notice = { roomId: ROOM, dataProducer: dataProducer(id, producer) };
    this.tell((one) => one !== owner, { type: 'data-producer-added', ...notice });
    return id;
  }

  #consumeData(request: On<'consume-data'>, owner: string): unknown {
    const { transportId, dataProducerId, paused = false } = request;
    this.#known(this.transports, transportId, 'transport-not-found');
    this.#known(this.dataProducers, dataProducerId, 'producer-not-found');
    const id = this.newId('data-consumer');
    const end = { owner, transportId, streamId: this.#last };
    // The page has to register the stream before it can be opened.
    setTimeout(() => this.#openChannel(transportId, end.streamId), 5 * LATENCY_MS);
    return { id, ...this.#relay.consume(id, { ...end, dataProducerId }, paused) };
  }

  #channel({ transportId, streamId }: StreamEnd) {
    for (const { connections } of this.clients.values()) {
      const channel = connections.get(transportId)?.channels.get(streamId);
      if (channel) return channel;
    }
    return undefined;
  }

  #known<T>(all: ReadonlyMap<string, T>, id: string, code: ErrorCode): T {
    const found = all.get(id);
    if (found === undefined) throw new RequestError(code, id);
    return found;
  }

  tell(whom: (memberId: string) => boolean, notice: MediaNotice): void {
    for (const [id, client] of this.clients) {
      if (!client.hasEntered || !whom(id)) continue;
      setTimeout(() => client.hear(structuredClone(notice)), LATENCY_MS);
    }
  }

  newId(noun: string): string {
    this.#last += 1;
    return `${noun}-${this.#last}`;
  }
}

function remove<T>(all: Map<string, T>, goes: (one: T) => boolean): void {
  for (const [id, one] of all) if (goes(one)) all.delete(id);
}

function dataProducer(id: string, { owner, label, protocol }: OpenDataProducer) {
  return { id, memberId: owner, label, protocol };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
