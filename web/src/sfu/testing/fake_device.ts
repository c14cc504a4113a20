/** mediasoup-client with its own fake handler, whose connections and channels the test rules. */

import { Device, FakeHandler, testFakeParameters, type types } from 'mediasoup-client';

type Channel = RTCDataChannel & { _readyState: string; _bufferedAmount: number };

/** A transport's other side, in the browser. */
export interface FakeConnection {
  readonly transportId: string;
  readonly handler: FakeHandler;
  readonly icePolicy: RTCIceTransportPolicy | undefined;
  /** By stream id, both ours and theirs. */
  readonly channels: Map<number, Channel>;
  /** By track id, those with several encodings also with how many are told to be in use. */
  readonly senders: Map<string, FakeSender>;
  isClosed: boolean;
  /** When the newest packet came, as receivers tell it; 0: none has. */
  newestPacket: number;
}

/** Encodings that can be changed, but not in number. */
export class FakeSender {
  encodings: RTCRtpEncodingParameters[];
  maxSpatialLayer: number | null = null;
  /** Whether the browser refuses. */
  refuses = false;

  constructor(encodings: readonly RTCRtpEncodingParameters[]) {
    this.encodings = structuredClone([...encodings]);
  }

  getParameters(): RTCRtpSendParameters {
    return { encodings: structuredClone(this.encodings) } as RTCRtpSendParameters;
  }

  setParameters({ encodings }: RTCRtpSendParameters): Promise<void> {
    if (this.refuses || encodings.length !== this.encodings.length) {
      return Promise.reject(new DOMException('', 'InvalidModificationError'));
    }
    this.encodings = structuredClone(encodings);
    return Promise.resolve();
  }
}

export type Connections = Map<string, FakeConnection>;

/** Makes devices whose transports appear in `connections`, by id. */
export function deviceFactory(connections: Connections): () => Promise<types.Device> {
  const inner = FakeHandler.createFactory(testFakeParameters);
  const handlerFactory: types.HandlerFactory = {
    ...inner,
    factory: (options) => {
      const made = inner.factory(options);
      const handler = made as unknown as FakeHandler;
      const transportId = options.iceParameters.usernameFragment;
      const connection: FakeConnection = {
        transportId,
        handler,
        icePolicy: options.iceTransportPolicy,
        channels: new Map(),
        senders: new Map(),
        isClosed: false,
        newestPacket: 0,
      };
      connections.set(transportId, follow(connection));
      return made;
    },
  };
  return async () => {
    // Loading a library takes its time.
    await new Promise((resolve) => setTimeout(resolve, 20));
    return new Device({ handlerFactory });
  };
}

function follow(connection: FakeConnection): FakeConnection {
  const { handler, channels } = connection;
  const close = handler.close.bind(handler);
  handler.close = () => {
    connection.isClosed = true;
    close();
  };
  followSenders(connection);
  followReceivers(connection);
  const sendData = handler.sendDataChannel.bind(handler);
  handler.sendDataChannel = async (options) => {
    const made = await sendData(options);
    channels.set(Number(made.sctpStreamParameters.streamId), made.dataChannel as Channel);
    return made;
  };
  const receive = handler.receiveDataChannel.bind(handler);
  handler.receiveDataChannel = async (options) => {
    const made = await receive(options);
    channels.set(Number(options.sctpStreamParameters.streamId), made.dataChannel as Channel);
    return made;
  };
  return connection;
}

function followSenders({ handler, senders }: FakeConnection): void {
  const byLocalId = new Map<string, FakeSender>();
  const send = handler.send.bind(handler);
  handler.send = async (options) => {
    const made = await send(options);
    const sender = new FakeSender(options.encodings ?? []);
    byLocalId.set(made.localId, sender);
    senders.set(options.track.id, sender);
    return { ...made, rtpSender: sender as unknown as RTCRtpSender };
  };
  handler.setMaxSpatialLayer = (localId, layer) => {
    const sender = byLocalId.get(localId);
    if (sender) sender.maxSpatialLayer = layer;
    return Promise.resolve();
  };
}

function followReceivers(connection: FakeConnection): void {
  const { handler } = connection;
  const receive = handler.receive.bind(handler);
  const rtpReceiver = {
    getSynchronizationSources: () =>
      connection.newestPacket ? [{ timestamp: connection.newestPacket }] : [],
  } as unknown as RTCRtpReceiver;
  handler.receive = async (list) => (await receive(list)).map((made) => ({ ...made, rtpReceiver }));
}

export function openChannel(channel: Channel | undefined, send: (data: string) => void): void {
  if (!channel || channel.readyState !== 'connecting') return;
  channel._readyState = 'open';
  channel.send = send as RTCDataChannel['send'];
  channel.dispatchEvent(new Event('open'));
}

export function deliver(channel: Channel | undefined, data: string): void {
  if (channel?.readyState === 'open') channel.dispatchEvent(new MessageEvent('message', { data }));
}
