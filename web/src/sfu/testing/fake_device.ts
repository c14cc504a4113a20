/** mediasoup-client with its own fake handler, whose connections and channels the test rules. */

import { Device, FakeHandler, testFakeParameters, type types } from 'mediasoup-client';

type Channel = RTCDataChannel & { _readyState: string };

/** A transport's other side, in the browser. */
export interface FakeConnection {
  readonly transportId: string;
  readonly handler: FakeHandler;
  /** By stream id, both ours and theirs. */
  readonly channels: Map<number, Channel>;
  isClosed: boolean;
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
      const connection = { transportId, handler, channels: new Map<number, Channel>() };
      connections.set(transportId, follow({ ...connection, isClosed: false }));
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
  const send = handler.sendDataChannel.bind(handler);
  handler.sendDataChannel = async (options) => {
    const made = await send(options);
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

export function openChannel(channel: Channel | undefined, send: (data: string) => void): void {
  if (!channel || channel.readyState !== 'connecting') return;
  channel._readyState = 'open';
  channel.send = send as RTCDataChannel['send'];
  channel.dispatchEvent(new Event('open'));
}

export function deliver(channel: Channel | undefined, data: string): void {
  if (channel?.readyState === 'open') channel.dispatchEvent(new MessageEvent('message', { data }));
}
