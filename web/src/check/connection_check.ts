/**
 * The connection check: one step after the other, each with a time limit, and a report that grows.
 *
 *   server ─► room ─┬─► UDP ─► TCP ─► relays ─► up and down, by the best way that is open
 *   devices, at the same time
 *
 * It uses nothing of a call that may be under way: a connection and a room of its own, closed in the
 * end, whatever happens.
 */

import type { types } from 'mediasoup-client';

import { requestDevices, type DeviceAccess } from '../media/request_devices';
import type { DeviceFactory } from '../sfu/device';
import type { SignalingPort } from '../signaling/port';
import type { IceServer } from '../signaling/protocol';
import type { Noise } from './noise';
import { PathProbe, type Way } from './path';
import { probeRelay, relayAddresses, type ConnectionFactory } from './relay';
import { NOTHING_YET, type DeviceFact, type PathFact, type RateFact, type Report } from './report';
import { CheckConnection, type CheckRoom } from './room';

/** Milliseconds after which a step has failed. */
const SERVER_PATIENCE = 8_000;
const PATH_PATIENCE = 8_000;
const RELAY_PATIENCE = 6_000;

const NOT_MEASURED: RateFact = { bitsPerSecond: null, loss: 0 };

export interface CheckEnvironment {
  /** A connection to the server that is nobody else's. */
  readonly createSignaling: () => SignalingPort;
  readonly createDevice: DeviceFactory;
  readonly createConnection: ConnectionFactory;
  readonly createNoise: () => Noise;
  readonly devices: DeviceAccess;
  /** Lets its bearer create a room, where that takes one. */
  readonly token: () => string | null;
  /** Milliseconds on a clock that never steps. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** So that the room's name is nobody else's. */
  readonly nonce: () => string;
}

export interface ConnectionCheck {
  readonly report: Report;
  subscribe(listener: () => void): () => void;
  /** Begins anew; harmless while it runs. */
  run(): Promise<void>;
  /** Ends it, and closes what is open. */
  stop(): void;
}

class Stopped extends Error {}

export class RunningCheck implements ConnectionCheck {
  readonly #environment: CheckEnvironment;
  readonly #listeners = new Set<() => void>();
  #report: Report = NOTHING_YET;
  /** Whatever is open, in the order in which it was opened. */
  #open: { close(): void }[] = [];
  #turn = 0;

  constructor(environment: CheckEnvironment) {
    this.#environment = environment;
  }

  get report(): Report {
    return this.#report;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async run(): Promise<void> {
    if (this.#report.isRunning) return;
    this.#turn += 1;
    const turn = this.#turn;
    this.#report = NOTHING_YET;
    this.#tell({ isRunning: true });
    try {
      await Promise.all([this.#checkDevices(turn), this.#checkNetwork(turn)]);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      if (turn === this.#turn) {
        this.#closeAll();
        this.#tell({ isRunning: false });
      }
    }
  }

  stop(): void {
    this.#turn += 1;
    this.#closeAll();
    this.#tell({ isRunning: false });
  }

  async #checkDevices(turn: number): Promise<void> {
    this.#tell({ devices: { status: 'running' } });
    const granted = await requestDevices(this.#environment.devices, {
      microphone: {},
      camera: {},
    });
    const facts = {
      microphone: deviceFact(granted.microphone),
      camera: deviceFact(granted.camera),
    };
    this.#goOn(turn);
    this.#tell({ devices: { status: 'done', fact: facts } });
  }

  async #checkNetwork(turn: number): Promise<void> {
    const { createSignaling, now, nonce, token } = this.#environment;
    this.#tell({ server: { status: 'running' } });
    const connection = this.#opened(new CheckConnection(createSignaling()));
    let iceServers: readonly IceServer[];
    try {
      iceServers = await connection.open(SERVER_PATIENCE);
      this.#goOn(turn);
      const roundTrip = Math.round(await connection.roundTrip(now));
      this.#goOn(turn);
      this.#tell({ server: { status: 'done', fact: { isReached: true, roundTrip } } });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      this.#goOn(turn);
      this.#tell({ server: { status: 'done', fact: { isReached: false, roundTrip: null } } });
      return;
    }
    const admission = await connection.enter(nonce(), token());
    this.#goOn(turn);
    if (typeof admission === 'string') {
      const fact = { outcome: admission };
      this.#tell({ udp: { status: 'done', fact }, tcp: { status: 'done', fact } });
      await this.#checkRelays(turn, iceServers);
      this.#tell(rates(NOT_MEASURED, NOT_MEASURED));
      return;
    }
    await this.#checkWays(turn, admission, iceServers);
  }

  async #checkWays(turn: number, room: CheckRoom, iceServers: readonly IceServer[]): Promise<void> {
    const { createDevice, createNoise } = this.#environment;
    const device = await createDevice();
    const routerRtpCapabilities = room.entered.rtpCapabilities as types.RtpCapabilities;
    await device.load({ routerRtpCapabilities });
    this.#goOn(turn);
    const noise = createNoise();
    this.#opened({ close: noise.stop });
    const ways = { room, device, iceServers, track: noise.track };
    const udp = await this.#checkPath(turn, 'udp', ways);
    const tcp = await this.#checkPath(turn, 'tcp', ways);
    const hasRelay = await this.#checkRelays(turn, iceServers);
    const best = udp ?? tcp ?? (hasRelay ? await this.#tryWay(turn, 'relay', ways) : null);
    await this.#checkRates(turn, best?.probe ?? null);
  }

  async #checkPath(turn: number, way: 'udp' | 'tcp', ways: Ways): Promise<Tried | null> {
    this.#tell({ [way]: { status: 'running' } });
    const tried = await this.#tryWay(turn, way, ways);
    this.#tell({ [way]: { status: 'done', fact: tried.fact } });
    return tried.fact.outcome === 'works' ? tried : null;
  }

  async #tryWay(turn: number, way: Way, { track, ...ways }: Ways): Promise<Tried> {
    const probe = this.#opened(new PathProbe({ ...ways, way, now: this.#environment.now }));
    let fact: PathFact;
    try {
      fact = await probe.connect(track, PATH_PATIENCE);
    } catch {
      fact = { outcome: 'unknown' };
    }
    this.#goOn(turn);
    return { probe, fact };
  }

  async #checkRelays(turn: number, iceServers: readonly IceServer[]): Promise<boolean> {
    this.#tell({ relays: { status: 'running' } });
    const { createConnection } = this.#environment;
    const facts = await Promise.all(
      relayAddresses(iceServers).map((one) => probeRelay(one, createConnection, RELAY_PATIENCE)),
    );
    this.#goOn(turn);
    this.#tell({ relays: { status: 'done', fact: facts } });
    return facts.some(({ outcome }) => outcome === 'works');
  }

  async #checkRates(turn: number, probe: PathProbe | null): Promise<void> {
    if (!probe) {
      this.#tell(rates(NOT_MEASURED, NOT_MEASURED));
      return;
    }
    this.#tell({ upload: { status: 'running' }, download: { status: 'running' } });
    let measured = { upload: NOT_MEASURED, download: NOT_MEASURED };
    try {
      measured = await probe.measure(this.#environment.wait);
    } catch {
      // The way closed meanwhile; what was found before still holds.
    }
    this.#goOn(turn);
    this.#tell(rates(measured.upload, measured.download));
  }

  #opened<T extends { close(): void }>(one: T): T {
    this.#open.push(one);
    return one;
  }

  #closeAll(): void {
    for (const one of this.#open.splice(0).reverse()) one.close();
  }

  #goOn(turn: number): void {
    if (turn !== this.#turn) throw new Stopped();
  }

  #tell(news: Partial<Report>): void {
    this.#report = { ...this.#report, ...news };
    for (const listener of [...this.#listeners]) listener();
  }
}

interface Ways {
  readonly room: CheckRoom;
  readonly device: types.Device;
  readonly iceServers: readonly IceServer[];
  readonly track: MediaStreamTrack;
}

interface Tried {
  readonly probe: PathProbe;
  readonly fact: PathFact;
}

/** What was opened to find out is closed at once. */
function deviceFact(granted: MediaStreamTrack | DeviceFact['problem'] | undefined): DeviceFact {
  if (typeof granted === 'string') return { problem: granted };
  granted?.stop();
  return { problem: granted ? null : 'missing' };
}

function rates(upload: RateFact, download: RateFact): Partial<Report> {
  return {
    upload: { status: 'done', fact: upload },
    download: { status: 'done', fact: download },
  };
}
