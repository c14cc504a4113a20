/** One way to the media server: a pair of transports that may take that way only. */

import type { types } from 'mediasoup-client';

import { activePair, entriesOf, latencyOf } from '../session/report';
import type { IceServer, Transport } from '../signaling/protocol';
import { rateOf, receivedSample, sentSample, type Sample } from './rate';
import type { CheckRoom } from './room';
import type { PathFact, RateFact } from './report';

export type Protocol = 'udp' | 'tcp';

/** `relay`: over a TURN server, whichever the browser finds. */
export type Way = Protocol | 'relay';

/** It is received as often, so that the way down carries more than the way up. */
const COPIES = 2;
/** As much as a large picture takes. */
const BITS_PER_SECOND = 2_500_000;
const START_KBPS = 1_000;
const SAMPLES = 12;
const SAMPLE_MS = 500;

export interface Rates {
  readonly upload: RateFact;
  readonly download: RateFact;
}

export interface PathOptions {
  readonly room: CheckRoom;
  readonly device: types.Device;
  readonly way: Way;
  readonly iceServers: readonly IceServer[];
  readonly now: () => number;
}

/** Opens a way, measures what it carries, and leaves nothing behind. */
export class PathProbe {
  readonly #options: PathOptions;
  #send: types.Transport | null = null;
  #receive: types.Transport | null = null;
  #producerId: string | null = null;
  #isClosed = false;

  constructor(options: PathOptions) {
    this.#options = options;
  }

  /** Whether media can take this way. Rejects when the server refuses what it takes to find out. */
  async connect(track: MediaStreamTrack, patience: number): Promise<PathFact> {
    const { way, now, room } = this.#options;
    const opened = await room.server.openTransport('send');
    const candidates = candidatesFor(opened, way);
    if (this.#isClosed || !candidates.length) {
      room.server.closeTransport(opened.id);
      return { outcome: 'not-offered' };
    }
    const begun = now();
    const send = (this.#send = this.#create('send', opened, candidates));
    const connected = isConnected(send, patience);
    // It connects with the first track; whether that is taken shows in the same state.
    const published = send.produce({
      track,
      stopTracks: false,
      encodings: [{ maxBitrate: BITS_PER_SECOND }],
      codecOptions: { videoGoogleStartBitrate: START_KBPS },
    });
    published.catch(() => undefined);
    if (!(await connected)) return { outcome: 'blocked' };
    const milliseconds = Math.round(now() - begun);
    this.#producerId = (await published).id;
    const entries = entriesOf(await send.getStats());
    const pair = activePair(entries);
    return { outcome: 'works', milliseconds, roundTrip: pair ? latencyOf(pair) : null };
  }

  /** What it carries both ways, after `connect` has found that it works. */
  async measure(wait: (milliseconds: number) => Promise<void>): Promise<Rates> {
    const { room, device, now } = this.#options;
    const send = this.#send;
    const producerId = this.#producerId;
    if (!send || producerId === null) throw new Error('not connected');
    const opened = await room.server.openTransport('recv');
    if (this.#isClosed) throw new Error('closed');
    const receive = this.#create('recv', opened, candidatesFor(opened, this.#options.way));
    this.#receive = receive;
    for (let copy = 0; copy < COPIES; copy += 1) {
      const { id, kind, rtpParameters } = await room.server.consume({
        transportId: opened.id,
        producerId,
        rtpCapabilities: device.recvRtpCapabilities,
      });
      await receive.consume({
        id,
        producerId,
        kind,
        rtpParameters: rtpParameters as types.RtpParameters,
      });
      await room.server.setConsumer({ consumerId: id, paused: false });
    }
    const up: Sample[] = [];
    const down: Sample[] = [];
    for (let turn = 0; turn < SAMPLES; turn += 1) {
      await wait(SAMPLE_MS);
      up.push(sentSample(await send.getStats(), now()));
      down.push(receivedSample(await receive.getStats(), now()));
    }
    return { upload: rateOf(up), download: rateOf(down) };
  }

  close(): void {
    this.#isClosed = true;
    for (const transport of [this.#send, this.#receive]) {
      if (!transport) continue;
      transport.close();
      this.#options.room.server.closeTransport(transport.id);
    }
    this.#send = this.#receive = null;
  }

  #create(
    direction: 'send' | 'recv',
    opened: Transport,
    iceCandidates: types.IceCandidate[],
  ): types.Transport {
    const { device, room, way, iceServers } = this.#options;
    const parameters: types.TransportOptions = {
      id: opened.id,
      iceParameters: opened.iceParameters as types.IceParameters,
      iceCandidates,
      dtlsParameters: opened.dtlsParameters as types.DtlsParameters,
      ...(way === 'relay'
        ? { iceServers: [...iceServers] as RTCIceServer[], iceTransportPolicy: 'relay' as const }
        : {}),
    };
    const transport =
      direction === 'send'
        ? device.createSendTransport(parameters)
        : device.createRecvTransport(parameters);
    transport.on('connect', ({ dtlsParameters }, done) => {
      done();
      room.server.connectTransport(opened.id, dtlsParameters).catch(() => transport.close());
    });
    transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
      room.server
        .produce({ transportId: opened.id, kind, source: 'camera', rtpParameters })
        .then((id) => done({ id }), failed);
    });
    return transport;
  }
}

/** Of the server's addresses, those that this way leads to. */
function candidatesFor(opened: Transport, way: Way): types.IceCandidate[] {
  const candidates = opened.iceCandidates as types.IceCandidate[];
  // A relay is reached by whatever protocol, and goes on by UDP (RFC 8656).
  const protocol = way === 'relay' ? 'udp' : way;
  return candidates.filter((candidate) => candidate.protocol === protocol);
}

async function isConnected(transport: types.Transport, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patience);
    transport.on('connectionstatechange', (state) => {
      if (state !== 'connected' && state !== 'failed' && state !== 'closed') return;
      clearTimeout(timer);
      resolve(state === 'connected');
    });
  });
}
