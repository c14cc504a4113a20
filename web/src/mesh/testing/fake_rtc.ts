/**
 * Peer connections without a network, honest about what engines stumble over: signaling states,
 * rollback, descriptions that change with time, candidates that need the right description, and
 * connections that only connect when both sides agree on each other.
 */

class FakeTransceiver {
  mid: string | null = null;
  direction = 'sendrecv';
  readonly receiver: { track: MediaStreamTrack };
  readonly sender = {
    track: null as MediaStreamTrack | null,
    parameters: { encodings: [{}] } as RTCRtpSendParameters,
    setStreams: () => undefined,
    replaceTrack(track: MediaStreamTrack | null) {
      this.track = track;
      return Promise.resolve();
    },
    getParameters() {
      return structuredClone(this.parameters);
    },
    setParameters(parameters: RTCRtpSendParameters) {
      this.parameters = parameters;
      return Promise.resolve();
    },
  };

  constructor(kind: string) {
    const track = Object.assign(new EventTarget(), { kind, muted: true, readyState: 'live' });
    this.receiver = { track: track as unknown as MediaStreamTrack };
  }
}

class FakeChannel extends EventTarget {
  readyState = 'connecting';
  bufferedAmount = 0;
  other: FakeChannel | null = null;

  send(data: string): void {
    if (this.readyState !== 'open') throw new Error('not open');
    const { other } = this;
    queueMicrotask(() => other?.dispatchEvent(new MessageEvent('message', { data })));
  }

  become(state: string): void {
    if (this.readyState === state) return;
    this.readyState = state;
    this.dispatchEvent(new Event(state === 'open' ? 'open' : 'close'));
  }
}

interface Description {
  type: 'offer' | 'answer';
  sdp: string;
}

export class FakePeerConnection extends EventTarget {
  signalingState = 'stable';
  connectionState = 'new';
  /** When the newest packet came, as receivers tell it; 0: none has. */
  newestPacket = 0;
  /** By number. */
  readonly channels = new Map<number, FakeChannel>();
  readonly id: string;
  readonly #network: FakeNetwork;
  readonly #transceivers: FakeTransceiver[] = [];
  readonly #candidates = new Set<string>();
  #local: Description | null = null;
  #remote: Description | null = null;
  #stable: [Description | null, Description | null] = [null, null];
  #fragment = 1;
  #version = 0;
  #needed = false;
  #operations = 0;

  constructor(network: FakeNetwork, id: string) {
    super();
    this.#network = network;
    this.id = id;
  }

  get localDescription() {
    return this.#local;
  }

  get remoteDescription() {
    return this.#remote;
  }

  /** The connection at the other end, if both mean each other and can reach each other. */
  peer(): FakePeerConnection | null {
    const other = this.#network.find(fingerprintOf(this.#remote));
    const agrees =
      other?.signalingState === 'stable' &&
      this.signalingState === 'stable' &&
      fingerprintOf(other.remoteDescription) === this.id &&
      other.#candidates.has(this.#name()) &&
      this.#candidates.has(other.#name());
    return agrees ? other : null;
  }

  addTransceiver(kind: string): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind);
    this.#transceivers.push(transceiver);
    this.#needNegotiation();
    return transceiver;
  }

  getTransceivers(): FakeTransceiver[] {
    return [...this.#transceivers];
  }

  getReceivers(): unknown[] {
    return this.#transceivers.map(({ receiver: { track } }) => ({
      track,
      getSynchronizationSources: () =>
        this.newestPacket ? [{ timestamp: this.newestPacket }] : [],
    }));
  }

  createDataChannel(_label: string, { id }: { id: number }): FakeChannel {
    const channel = new FakeChannel();
    this.channels.set(id, channel);
    return channel;
  }

  async setLocalDescription(description?: { type: string }): Promise<void> {
    await this.#busy();
    if (description?.type === 'rollback') {
      [this.#local, this.#remote] = this.#stable;
      this.signalingState = 'stable';
      return;
    }
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    if (type === 'offer') {
      this.#needed = false;
      this.#transceivers.forEach((one, index) => (one.mid ??= String(index)));
    }
    this.#version += 1;
    this.#local = { type, sdp: this.#describe() };
    this.#become(type === 'answer' ? 'stable' : 'have-local-offer');
    this.#gather();
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await this.#busy();
    if (description.sdp.includes('unacceptable')) throw new Error('cannot be parsed');
    if (description.type === 'offer' && this.signalingState !== 'stable') throw new Error('glare');
    const was = fingerprintOf(this.#stable[1]);
    if (was !== null && was !== fingerprintOf(description)) throw new Error('another connection');
    this.#remote = description;
    if (description.type === 'offer') this.#adopt(description.sdp);
    this.#become(description.type === 'answer' ? 'stable' : 'have-remote-offer');
  }

  async addIceCandidate({ candidate, usernameFragment }: RTCIceCandidateInit): Promise<void> {
    await this.#busy();
    const known = /a=ice-ufrag:(\S+)/.exec(this.#remote?.sdp ?? '')?.[1];
    if (usernameFragment !== known) throw new Error('unknown fragment');
    this.#candidates.add(candidate ?? '');
    this.#network.settle();
  }

  restartIce(): void {
    this.#fragment += 1;
    this.#needNegotiation();
  }

  setConfiguration(): void {
    // Nothing to configure.
  }

  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map<string, unknown>());
  }

  close(): void {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
    for (const channel of this.channels.values()) channel.become('closed');
    this.#network.settle();
  }

  /** What the network makes of it. */
  enter(state: string): void {
    if (this.connectionState === state || this.connectionState === 'closed') return;
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  #name(): string {
    return `${this.id}.${this.#fragment}`;
  }

  /** Operations take a moment, and a closed connection never finishes any. */
  async #busy(): Promise<void> {
    this.#operations += 1;
    await Promise.resolve();
    if (this.signalingState === 'closed') await new Promise(() => undefined);
    this.#operations -= 1;
  }

  #become(state: string): void {
    this.signalingState = state;
    if (state !== 'stable') return;
    this.#checkNegotiation();
    this.#stable = [this.#local, this.#remote];
    this.#network.settle();
  }

  #describe(): string {
    const media = this.#transceivers.map(({ receiver }) => `m=${receiver.track.kind} 9 UDP 111`);
    if (this.channels.size) media.push('m=application 9 UDP webrtc-datachannel');
    return [
      'v=0',
      `o=- ${this.id} ${this.#version} IN IP4 127.0.0.1`,
      `a=fingerprint:${this.id}`,
      `a=ice-ufrag:${this.#name()}`,
      ...media,
      '',
    ].join('\r\n');
  }

  #adopt(sdp: string): void {
    const kinds = [...sdp.matchAll(/^m=(audio|video) /gm)].map((found) => found[1] ?? '');
    kinds.forEach((kind, index) => {
      if (this.#transceivers.some(({ mid }) => mid === String(index))) return;
      const transceiver = new FakeTransceiver(kind);
      transceiver.mid = String(index);
      this.#transceivers.push(transceiver);
      const { track } = transceiver.receiver;
      this.dispatchEvent(Object.assign(new Event('track'), { track, transceiver }));
    });
  }

  #gather(): void {
    const usernameFragment = this.#name();
    const candidate = {
      candidate: usernameFragment,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment,
    };
    const toJSON = () => candidate;
    queueMicrotask(() => {
      if (this.signalingState === 'closed') return;
      this.dispatchEvent(
        Object.assign(new Event('icecandidate'), { candidate: { ...candidate, toJSON } }),
      );
    });
  }

  #needNegotiation(): void {
    this.#needed = true;
    this.#checkNegotiation();
  }

  /** Said only when nothing is being done, and no more once an offer covers it. */
  #checkNegotiation(): void {
    setTimeout(() => {
      if (!this.#needed || this.#operations || this.signalingState !== 'stable') return;
      this.#needed = false;
      this.dispatchEvent(new Event('negotiationneeded'));
    }, 0);
  }
}

export class FakeNetwork {
  readonly all: FakePeerConnection[] = [];

  create = (): RTCPeerConnection => {
    const connection = new FakePeerConnection(this, `pc${this.all.length}`);
    this.all.push(connection);
    return connection as unknown as RTCPeerConnection;
  };

  find(id: string | null): FakePeerConnection | undefined {
    return this.all.find((connection) => connection.id === id);
  }

  open(): FakePeerConnection[] {
    return this.all.filter(({ signalingState }) => signalingState !== 'closed');
  }

  /** Connects what can be connected now. */
  settle(): void {
    queueMicrotask(() => {
      for (const one of this.open()) {
        const other = one.peer();
        if (!other) continue;
        one.enter('connected');
        for (const [number, channel] of one.channels) {
          channel.other = other.channels.get(number) ?? null;
          if (channel.other) channel.become('open');
        }
      }
    });
  }
}

function fingerprintOf(description: Description | null): string | null {
  return /a=fingerprint:(\S+)/.exec(description?.sdp ?? '')?.[1] ?? null;
}
