/** One `RTCPeerConnection` and what belongs to it, for as long as it lives. */

import { askForFrugalOpus } from '../media/opus';
import type { Profile } from '../media/ladder';
import { newestPacket } from '../session/flow_watch';
import type { LocalTracks } from '../session/media_session';
import type { StreamSource } from '../session/streams';
import type { IceServer } from '../signaling/protocol';
import type { CandidateQueue } from './candidate_queue';
import { Channels } from './channels';
import { identify, originOf } from './description';
import type { Answer, Offer } from './negotiation';
import { Senders } from './senders';

export type ConnectionEvent =
  | { readonly type: 'state' }
  | { readonly type: 'needs-negotiation' }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit }
  | { readonly type: 'track'; readonly source: StreamSource; readonly track: MediaStreamTrack }
  | { readonly type: 'channel' }
  | { readonly type: 'data'; readonly text: string; readonly lossy: boolean };

export interface ConnectionOptions {
  readonly create: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly iceServers: readonly IceServer[];
  readonly icePolicy: RTCIceTransportPolicy;
  readonly tracks: LocalTracks;
  readonly profile: Profile;
  /** Candidates that came before any description; outlives connections. */
  readonly candidates: CandidateQueue;
  readonly emit: (event: ConnectionEvent) => void;
}

let lastSince = 0;

export class Connection {
  /** When it was made, in milliseconds; grows from one connection to the next. */
  readonly since = nextSince();
  readonly #options: ConnectionOptions;
  readonly #raw: RTCPeerConnection;
  readonly #senders: Senders;
  readonly #channels: Channels;
  /** An offer of ours has been answered. */
  #hasOffered = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#raw = options.create(configurationOf(options.iceServers, options.icePolicy));
    this.#senders = new Senders(this.#raw, options.tracks, options.profile);
    this.#channels = new Channels(this.#raw, {
      changed: () => options.emit({ type: 'channel' }),
      heard: (text, lossy) => options.emit({ type: 'data', text, lossy }),
    });
    this.#listen();
  }

  get state(): RTCPeerConnectionState {
    return this.#raw.connectionState;
  }

  get isChannelOpen(): boolean {
    return this.#channels.isOpen;
  }

  /** Both descriptions are in force. */
  get isDescribed(): boolean {
    return this.#raw.signalingState === 'stable' && this.#raw.remoteDescription !== null;
  }

  async makeOffer(): Promise<Offer> {
    if (!this.#raw.remoteDescription) {
      this.#senders.open();
      this.#channels.open();
    }
    await this.#raw.setLocalDescription();
    const sdp = this.#localSdp('offer');
    return { ...originOf(sdp), since: this.since, id: identify(sdp), sdp };
  }

  async answerOffer(offer: Offer, rollback: boolean): Promise<Answer> {
    if (rollback && this.#raw.signalingState === 'have-local-offer') {
      this.#checkRollback();
      await this.#raw.setLocalDescription({ type: 'rollback' });
    }
    await this.#raw.setRemoteDescription({ type: 'offer', sdp: offer.sdp });
    this.#useCandidates(offer.sdp);
    this.#senders.adopt();
    if (/^m=application /m.test(offer.sdp)) this.#channels.open();
    await this.#raw.setLocalDescription();
    this.#senders.fit(this.#options.profile);
    const sdp = this.#localSdp('answer');
    return { ...originOf(sdp), since: this.since, to: offer.id, sdp };
  }

  async applyAnswer({ sdp }: Answer): Promise<void> {
    if (this.#raw.signalingState !== 'have-local-offer') throw new Error('nothing to answer');
    await this.#raw.setRemoteDescription({ type: 'answer', sdp });
    this.#hasOffered = true;
    this.#useCandidates(sdp);
    this.#senders.fit(this.#options.profile);
  }

  /** Our description in force with the candidates gathered so far, if it is of this type. */
  currentSdp(type: 'offer' | 'answer'): string | null {
    const description = this.#raw.localDescription;
    return description?.type === type ? askForFrugalOpus(description.sdp) : null;
  }

  addCandidate(candidate: RTCIceCandidateInit): void {
    const usable = this.#options.candidates.take(candidate);
    if (usable) this.#add(usable);
  }

  setTracks(tracks: LocalTracks): void {
    this.#senders.set(tracks);
  }

  fit(profile: Profile): void {
    this.#senders.fit(profile);
  }

  setIceServers(servers: readonly IceServer[]): void {
    try {
      this.#raw.setConfiguration(configurationOf(servers, this.#options.icePolicy));
    } catch {
      // A server the browser does not understand helps nobody; the old ones stay.
    }
  }

  restartIce(): void {
    this.#raw.restartIce();
  }

  /** Whether the channel took it. */
  send(text: string, lossy: boolean): boolean {
    return this.#channels.send(text, lossy);
  }

  async statistics(): Promise<RTCStatsReport> {
    return this.#raw.getStats();
  }

  /** How loud they are, 0 to 1, as amplitude. */
  audioLevel(): number {
    const receiver = this.#raw.getReceivers().find(({ track }) => track.kind === 'audio');
    return receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0;
  }

  /** When the newest packet came, on the browser's clock; 0: none has. */
  newestPacket(): number {
    return newestPacket(this.#raw.getReceivers());
  }

  close(): void {
    this.#raw.close();
  }

  /**
   * Chromium (156) drops the pictures it receives, for good, when a connection that has only ever
   * answered takes back its first offer. Such a connection is better replaced.
   */
  #checkRollback(): void {
    if (this.#raw.remoteDescription && !this.#hasOffered) {
      throw new Error('taking back this offer would freeze the picture');
    }
  }

  #listen(): void {
    const { emit } = this.#options;
    const raw = this.#raw;
    raw.addEventListener('connectionstatechange', () => emit({ type: 'state' }));
    raw.addEventListener('negotiationneeded', () => emit({ type: 'needs-negotiation' }));
    raw.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.candidate) emit({ type: 'candidate', candidate: candidate.toJSON() });
    });
    raw.addEventListener('track', ({ track, transceiver }) => {
      const source = this.#senders.isPerson(transceiver) ? 'camera' : 'screen';
      emit({ type: 'track', source, track });
    });
  }

  #useCandidates(sdp: string): void {
    for (const candidate of this.#options.candidates.describe(sdp)) this.#add(candidate);
  }

  #add(candidate: RTCIceCandidateInit): void {
    // One that cannot be used is one path fewer, no more.
    this.#raw.addIceCandidate(candidate).catch(() => undefined);
  }

  #localSdp(type: 'offer' | 'answer'): string {
    const sdp = this.currentSdp(type);
    if (sdp === null) throw new Error(`no ${type} was made`);
    return sdp;
  }
}

function configurationOf(
  servers: readonly IceServer[],
  iceTransportPolicy: RTCIceTransportPolicy,
): RTCConfiguration {
  return {
    iceServers: servers.map((server) => ({ ...server })),
    iceTransportPolicy,
    bundlePolicy: 'max-bundle',
  };
}

function nextSince(): number {
  lastSince = Math.max(Math.round(performance.timeOrigin + performance.now()), lastSince + 1);
  return lastSince;
}
