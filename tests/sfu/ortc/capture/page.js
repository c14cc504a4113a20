// In the page: a device of the client library, transports that lead nowhere, and what they say.
import { Device, detectDevice } from 'mediasoup-client';

const nowhere = {
  id: 'nowhere',
  iceParameters: { usernameFragment: 'nowhere1', password: 'nowherenowherenowherenow', iceLite: true },
  iceCandidates: [],
  dtlsParameters: {
    role: 'server',
    fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }],
  },
};

let device;
let sending;
let receiving;
let produced;
const producers = new Map();

const native = async (direction) => {
  const pc = new RTCPeerConnection();
  for (const kind of ['audio', 'video']) pc.addTransceiver(kind, { direction });
  const { sdp } = await pc.createOffer();
  pc.close();
  return sdp;
};

window.load = async (routerRtpCapabilities) => {
  device = await Device.factory();
  await device.load({ routerRtpCapabilities });
  sending = device.createSendTransport(nowhere);
  receiving = device.createRecvTransport(nowhere);
  for (const transport of [sending, receiving]) {
    transport.on('connect', ({ dtlsParameters }, done) => {
      window.dtlsParameters ??= dtlsParameters;
      done();
    });
  }
  sending.on('produce', ({ kind, rtpParameters }, done) => {
    produced = JSON.parse(JSON.stringify({ kind, rtpParameters }));
    done({ id: crypto.randomUUID() });
  });
  return {
    browser: navigator.userAgent,
    handler: detectDevice(),
    recvRtpCapabilities: device.recvRtpCapabilities,
    sendRtpCapabilities: device.sendRtpCapabilities,
    nativeRecvSdp: await native('recvonly'),
    nativeSendSdp: await native('sendonly'),
  };
};

// `after` names a producer to close first: its place in the session description is used again.
window.produce = async ({ name, after, kind, codec, encodings, codecOptions }) => {
  producers.get(after)?.close();
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: kind === 'audio',
    video: kind === 'video' && { width: 1280, height: 720 },
  });
  const [track] = stream.getTracks();
  const wanted = codec && device.sendRtpCapabilities.codecs.find(
    (one) =>
      one.mimeType === codec.mimeType &&
      Object.entries(codec.parameters ?? {}).every(([name, value]) => one.parameters[name] === value),
  );
  if (codec && !wanted) throw new Error(`no ${JSON.stringify(codec)}`);
  producers.set(name, await sending.produce({ track, encodings, codec: wanted, codecOptions }));
  return produced;
};

// Consumes, and tells what the browser agreed to.
window.consume = async (kind, rtpParameters) => {
  const id = crypto.randomUUID();
  const consumer = await receiving.consume({ id, producerId: id, kind, rtpParameters });
  const { codecs, headerExtensions } = consumer.rtpReceiver.getParameters();
  const answer = receiving._handler._pc.localDescription.sdp;
  const section = answer
    .split(/^m=/m)
    .find((one) => one.split('\r\n').includes(`a=mid:${rtpParameters.mid}`));
  return { codecs, headerExtensions, section };
};
