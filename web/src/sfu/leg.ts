/**
 * Our way to the server in one direction, or back: one WebRTC transport after the other. There
 * should always be one; what travels on it is somebody else's affair.
 */

import type { types } from 'mediasoup-client';

import type { IceServer, Transport } from '../signaling/protocol';
import { TransportCare } from './care';
import { isRefusal, type SfuServer } from './server';

const FIRST_RETRY_MS = 250;
const SLOWEST_RETRY_MS = 8_000;
/** After so many attempts without a connection it does not look as if there will be one. */
const PATIENT_ATTEMPTS = 4;

export interface LegOptions {
  readonly direction: 'send' | 'recv';
  readonly device: types.Device;
  readonly server: SfuServer;
  readonly iceServers: () => readonly IceServer[];
  readonly icePolicy: RTCIceTransportPolicy;
  readonly now: () => number;
  /** A transport is there, and not yet in use. */
  readonly prepare?: (transport: types.Transport) => void;
  /** What becomes of a transport that is of no use any more; `worked`: it was connected once. */
  readonly retire: (transport: types.Transport, worked: boolean) => void;
  /** There is another transport now, or none, or its state has changed. */
  readonly changed: () => void;
}

export class Leg {
  readonly #options: LegOptions;
  #transport: types.Transport | null = null;
  #care: TransportCare;
  #isClosed = false;
  #isOpening = false;
  #isRestarting = false;
  #attempts = 0;
  #notBefore = 0;
  /** The transport of the moment was connected once. */
  #worked = false;

  constructor(options: LegOptions) {
    this.#options = options;
    this.#care = new TransportCare(options.now());
  }

  /** The transport of the moment, connected or about to be. */
  get transport(): types.Transport | null {
    return this.#transport;
  }

  get isConnected(): boolean {
    return this.#transport?.connectionState === 'connected';
  }

  get isOpening(): boolean {
    return this.#isOpening;
  }

  get isGivenUp(): boolean {
    return !this.isConnected && this.#attempts > PATIENT_ATTEMPTS;
  }

  /** Does what has become due. */
  tick(): void {
    if (this.#isClosed) return;
    const now = this.#options.now();
    if (!this.#transport) {
      if (!this.#isOpening && now >= this.#notBefore) void this.#open(now);
      return;
    }
    if (this.isConnected) this.#attempts = 0;
    const remedy = this.#care.remedy(this.#transport.connectionState, now);
    if (remedy === 'rebuild') this.drop();
    else if (remedy) this.restartIce();
  }

  /** The network has changed, or packets do not arrive. */
  restartIce(): void {
    const transport = this.#transport;
    if (!transport || transport.connectionState === 'new' || this.#isRestarting) return;
    this.#isRestarting = true;
    void this.#restart(transport).finally(() => {
      this.#isRestarting = false;
    });
  }

  /** Tries again now, if there is no connection. */
  retry(): void {
    this.#notBefore = 0;
    if (this.#transport && !this.isConnected && this.#transport.connectionState !== 'new') {
      this.drop();
    }
    this.tick();
  }

  /** The server has closed a transport, maybe this one. */
  closedByServer(transportId: string): void {
    if (this.#transport?.id === transportId) this.#forget(this.#transport);
    this.tick();
  }

  /** These are still open on the server; ours may not be among them. */
  keepOnly(transportIds: readonly string[]): void {
    if (this.#transport && !transportIds.includes(this.#transport.id)) {
      this.#forget(this.#transport);
    }
    this.#notBefore = 0;
    this.tick();
  }

  /** Gives the transport up; another one follows. */
  drop(): void {
    const transport = this.#transport;
    if (!transport) return;
    this.#forget(transport);
    this.#options.server.closeTransport(transport.id);
  }

  setIceServers(): void {
    const iceServers = relaysOf(this.#options.iceServers());
    // A server the browser does not understand helps nobody; the old ones stay.
    this.#transport?.updateIceServers({ iceServers }).catch(() => undefined);
  }

  /** `byServer`: it has closed the transport itself. */
  close(byServer: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!byServer) this.drop();
    else if (this.#transport) this.#forget(this.#transport);
  }

  async #open(now: number): Promise<void> {
    const { server, direction } = this.#options;
    this.#isOpening = true;
    this.#notBefore = now + Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    try {
      const opened = await server.openTransport(direction);
      if (this.#isClosed) server.closeTransport(opened.id);
      else this.#adopt(opened);
    } catch {
      // The next tick but one tries again.
    } finally {
      this.#isOpening = false;
    }
    if (!this.#isClosed) this.#options.changed();
  }

  #adopt(opened: Transport): void {
    const { device, direction, icePolicy, now, prepare } = this.#options;
    const parameters = {
      id: opened.id,
      iceParameters: opened.iceParameters as types.IceParameters,
      iceCandidates: opened.iceCandidates as types.IceCandidate[],
      dtlsParameters: opened.dtlsParameters as types.DtlsParameters,
      ...(opened.sctpParameters
        ? { sctpParameters: opened.sctpParameters as types.SctpParameters }
        : {}),
      iceServers: relaysOf(this.#options.iceServers()),
      iceTransportPolicy: icePolicy,
    };
    const transport =
      direction === 'send'
        ? device.createSendTransport(parameters)
        : device.createRecvTransport(parameters);
    this.#transport = transport;
    this.#worked = false;
    this.#care = new TransportCare(now());
    transport.on('connect', ({ dtlsParameters }, done) => {
      // The server takes a handshake that begins before it knows our certificate, and does not
      // finish it: there is no need to wait for its answer.
      done();
      void this.#connect(transport, dtlsParameters);
    });
    transport.on('connectionstatechange', () => {
      if (this.#transport === transport) this.#stateChanged();
    });
    prepare?.(transport);
  }

  #stateChanged(): void {
    this.#worked ||= this.isConnected;
    this.tick();
    this.#options.changed();
  }

  async #connect(transport: types.Transport, parameters: types.DtlsParameters): Promise<void> {
    try {
      await this.#options.server.connectTransport(transport.id, parameters);
    } catch {
      // Half described, it cannot be used a second time. What waits for it fails of itself.
      this.#dropIf(transport);
    }
  }

  async #restart(transport: types.Transport): Promise<void> {
    const { server, now } = this.#options;
    try {
      const iceParameters = await server.restartIce(transport.id);
      if (this.#transport !== transport) return;
      await transport.restartIce({ iceParameters });
      this.#care.restarted(now());
    } catch (error) {
      if (isRefusal(error)) this.#dropIf(transport);
    }
  }

  #dropIf(transport: types.Transport): void {
    if (this.#transport === transport) this.drop();
  }

  #forget(transport: types.Transport): void {
    this.#transport = null;
    this.#options.retire(transport, this.#worked);
    if (!this.#isClosed) this.#options.changed();
  }
}

/** The server can be reached as it is or through a relay; nobody else's address is of use. */
function relaysOf(servers: readonly IceServer[]): RTCIceServer[] {
  return servers
    .map((server) => ({ ...server, urls: server.urls.filter((url) => url.startsWith('turn')) }))
    .filter(({ urls }) => urls.length > 0);
}
