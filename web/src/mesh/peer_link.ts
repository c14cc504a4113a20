/**
 * The link to one other member: carries out what the negotiation decides on the connection of the
 * moment, and tells what comes of it. Connections come and go, the link stays.
 */

import type { Profile } from '../media/ladder';
import type {
  Health,
  IncomingSignal,
  LocalTracks,
  OutgoingSignal,
  SessionEvent,
} from '../session/media_session';
import type { PeerPhase } from '../session/peer_phase';
import type { PeerStatistics } from '../session/statistics';
import type { IceServer } from '../signaling/protocol';
import { Arrivals } from './arrivals';
import { CandidateQueue, readCandidate } from './candidate_queue';
import { Connection, type ConnectionEvent } from './connection';
import { answerPayload, offerPayload, readAnswer, readOffer } from './description';
import type { LinkOptions } from './link_options';
import { Measurement } from './measurement';
import {
  advance,
  initial,
  type Effect,
  type Negotiation,
  type NegotiationEvent,
} from './negotiation';
import { phaseOf } from './phase';
import { Recovery } from './recovery';

/** What is not connected after so long has not worked, for now. */
const PATIENCE_MS = 4_000;

export class PeerLink {
  readonly #options: LinkOptions;
  readonly #candidates = new CandidateQueue();
  readonly #recovery: Recovery;
  readonly #arrivals: Arrivals;
  readonly #measurement = new Measurement();
  #connection: Connection;
  #negotiation: Negotiation;
  #phase: PeerPhase = 'disconnected';
  /** They have said something. */
  #hasSpoken = false;
  #isChannelOpen = false;
  #wasConnected = false;
  /** As of the last change. */
  #wasAlive = false;
  #isReachable = true;
  /** While it is not connected: since when. */
  #downSince: number;
  #isClosed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#downSince = options.now();
    this.#arrivals = new Arrivals(options.memberId, (event) => this.#tellArrival(event));
    this.#recovery = new Recovery(options, options.now());
    this.#negotiation = initial(!options.leads);
    this.#connection = this.#connect();
  }

  /** Whether media flows, as far as anybody can tell. */
  get isAlive(): boolean {
    return this.#connection.state === 'connected';
  }

  /** Our own share of the way to this member; one that cannot be reached is not waited for. */
  get health(): Health {
    if (this.isAlive || !this.#isReachable) return 'ready';
    const isLate = this.#options.now() >= this.#downSince + PATIENCE_MS;
    return isLate || this.#recovery.isGivenUp || this.#connection.state === 'failed'
      ? 'failed'
      : 'opening';
  }

  start(): void {
    this.#showPhase();
    const { leads, isForeign } = this.#options;
    if (leads && !isForeign) this.#tell({ type: 'negotiate' });
  }

  receive({ type, payload }: IncomingSignal): void {
    this.#isReachable = true;
    if (type === 'ice-candidate') {
      const candidate = readCandidate(payload);
      if (candidate) this.#connection.addCandidate(candidate);
      return;
    }
    if (type === 'offer') {
      const offer = readOffer(payload);
      if (offer) this.#tell({ type, offer });
      return;
    }
    const answer = readAnswer(payload);
    if (answer) this.#tell({ type, answer });
  }

  /** Does what has become due. */
  tick(): void {
    const remedy = this.#recovery.remedy(
      {
        phase: this.#negotiation.phase,
        connection: this.#connection.state,
        isDescribed: this.#connection.isDescribed,
        isReachable: this.#isReachable,
      },
      this.#options.now(),
    );
    if (remedy === 'offer') this.#tell({ type: 'negotiate' });
    else if (remedy === 'resend') this.#tell({ type: 'timeout' });
    else if (remedy === 'restart-ice') this.#connection.restartIce();
    else if (remedy === 'replace') this.#tell({ type: 'replace' });
    this.#showPhase();
  }

  /** Their side of signaling, or ours, is back: what may have been lost is said again. */
  reachable(): void {
    this.#isReachable = true;
    this.#recovery.encourage(this.#options.now());
    this.#tell({ type: 'timeout' });
  }

  unreachable(): void {
    this.#isReachable = false;
  }

  /** They may be a new page under an old name: finds out, and keeps the link if they are not. */
  verify(): void {
    this.reachable();
    this.restartIce();
  }

  /** The network is another one: packets need a new way. */
  restartIce(): void {
    if (this.#negotiation.phase === 'idle' && this.#connection.isDescribed) {
      this.#connection.restartIce();
    }
  }

  reconnect(): void {
    if (this.isAlive) return;
    this.reachable();
    this.#tell({ type: 'replace' });
  }

  setTracks(tracks: LocalTracks): void {
    this.#connection.setTracks(tracks);
  }

  fit(profile: Profile): void {
    this.#connection.fit(profile);
  }

  setIceServers(servers: readonly IceServer[]): void {
    this.#connection.setIceServers(servers);
  }

  /** Whether it was taken. */
  send(text: string, lossy: boolean): boolean {
    return this.#connection.send(text, lossy);
  }

  /** How loud they are, 0 to 1, as amplitude. */
  audioLevel(): number {
    return this.isAlive ? this.#connection.audioLevel() : 0;
  }

  /** When the newest packet came, on the browser's clock; 0: none has. */
  newestPacket(): number {
    return this.#connection.newestPacket();
  }

  /** Figures since the last call; null while there are none. */
  async measure(): Promise<PeerStatistics | null> {
    const connection = this.#connection;
    if (!this.isAlive) return null;
    try {
      const report = await connection.statistics();
      return connection === this.#connection && !this.#isClosed
        ? this.#measurement.read(report)
        : null;
    } catch {
      return null;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#tell({ type: 'close' });
    this.#isClosed = true;
    this.#showChannel();
    this.#showPhase();
    this.#connection.close();
    this.#phase = 'disconnected';
    const { emit, memberId } = this.#options;
    emit({ type: 'phase', memberId, phase: 'disconnected' });
  }

  #connect(): Connection {
    const { shared, createConnection } = this.#options;
    const { iceServers, icePolicy, tracks, profile } = shared();
    this.#candidates.reset();
    const connection: Connection = new Connection({
      create: createConnection,
      iceServers,
      icePolicy,
      tracks,
      profile,
      candidates: this.#candidates,
      emit: (event) => {
        // A connection that was replaced has nothing to say any more.
        if (connection === this.#connection && !this.#isClosed) this.#heard(event);
      },
    });
    return connection;
  }

  #tell(event: NegotiationEvent): void {
    if (this.#isClosed) return;
    const { state, effects } = advance(this.#negotiation, event);
    this.#negotiation = state;
    for (const effect of effects) this.#carryOut(effect);
    this.#showPhase();
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'make-offer':
        this.#work(async (on) => ({ type: 'offer-made', offer: await on.makeOffer() }));
        break;
      case 'answer-offer':
        this.#work(async (on) => {
          const answer = await on.answerOffer(effect.offer, effect.rollback);
          return { type: 'answer-made', answer };
        });
        break;
      case 'apply-answer':
        this.#work(async (on) => {
          await on.applyAnswer(effect.answer);
          return { type: 'answer-applied', answer: effect.answer };
        });
        break;
      case 'send-offer': {
        const sdp = this.#connection.currentSdp('offer') ?? effect.offer.sdp;
        this.#send('offer', offerPayload({ ...effect.offer, sdp }));
        break;
      }
      case 'send-answer': {
        const sdp = this.#connection.currentSdp('answer') ?? effect.answer.sdp;
        this.#send('answer', answerPayload({ ...effect.answer, sdp }));
        break;
      }
      case 'replace-connection':
        this.#connection.close();
        this.#connection = this.#connect();
        this.#measurement.reset();
        this.#showChannel();
        break;
      case 'broken':
        this.#recovery.broke();
    }
  }

  /** Works on the connection of the moment; if it is another when done, nobody is told. */
  #work(job: (connection: Connection) => Promise<NegotiationEvent>): void {
    const connection = this.#connection;
    const failed: NegotiationEvent = { type: 'failed' };
    void job(connection)
      .catch(() => failed)
      .then((event) => {
        if (connection === this.#connection) this.#tell(event);
      });
  }

  #send(type: OutgoingSignal['type'], payload: unknown): void {
    this.#options.send({ type, to: this.#options.memberId, payload });
  }

  #heard(event: ConnectionEvent): void {
    switch (event.type) {
      case 'needs-negotiation':
        this.#tell({ type: 'negotiate' });
        break;
      case 'candidate':
        this.#send('ice-candidate', event.candidate);
        break;
      case 'track':
        this.#arrivals.take(event.source, event.track);
        break;
      case 'data':
        this.#hear(event.text, event.lossy);
        break;
      case 'channel':
        this.#showChannel();
        this.#showPhase();
        break;
      case 'state':
        // Until it is connected for the first time, it counts from the beginning.
        if (this.#wasAlive && !this.isAlive) this.#downSince = this.#options.now();
        this.#wasAlive = this.isAlive;
        this.#wasConnected ||= this.isAlive;
        this.tick();
    }
  }

  #hear(text: string, lossy: boolean): void {
    const { emit, memberId } = this.#options;
    emit({ type: 'data', memberId, text, lossy });
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    this.#showPhase();
  }

  #tellArrival(event: SessionEvent): void {
    if (this.#isClosed) return;
    this.#options.emit(event);
    this.#showPhase();
  }

  #showChannel(): void {
    const isOpen = !this.#isClosed && this.#connection.isChannelOpen;
    if (isOpen === this.#isChannelOpen) return;
    this.#isChannelOpen = isOpen;
    this.#options.emit({ type: 'channel', memberId: this.#options.memberId, isOpen });
  }

  #showPhase(): void {
    const phase = phaseOf({
      isClosing: this.#isClosed,
      isGivenUp: this.#recovery.isGivenUp,
      isNegotiating: this.#negotiation.phase !== 'idle',
      isDescribed: this.#connection.isDescribed,
      isConnected: this.isAlive,
      isChannelOpen: this.#connection.isChannelOpen,
      isHeard: this.#hasSpoken || this.#arrivals.flows,
      wasConnected: this.#wasConnected,
    });
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#options.emit({ type: 'phase', memberId: this.#options.memberId, phase });
  }
}
