/**
 * The way into the server's router, again and again until it stands open: after the router was
 * lost, and whenever there is doubt about what the server still knows of us.
 */

import type { types } from 'mediasoup-client';

import type { MediaNotice } from '../session/media_session';
import type { SfuEntered } from '../signaling/protocol';
import type { DeviceFactory } from './device';
import { Reconciler, type StepResult } from './reconciler';
import type { SfuServer } from './server';

/** A server that restarts its router has it back within seconds: it is asked every second. */
const SLOWEST_RETRY_MS = 1_000;
/** After so many, that is a quarter of a minute, it does not look as if there will be one. */
const PATIENT_FAILURES = 15;
const ADDED: readonly MediaNotice['type'][] = ['producer-added', 'data-producer-added'];

export interface EntryOptions {
  readonly server: SfuServer;
  readonly createDevice: DeviceFactory;
  /** We are in; `missed`: what the server said since it was asked. */
  readonly entered: (
    answer: SfuEntered,
    device: types.Device,
    missed: readonly MediaNotice[],
  ) => void;
}

export class Entry {
  readonly #options: EntryOptions;
  readonly #reconciler = new Reconciler(() => this.#step(), SLOWEST_RETRY_MS);
  #isWanted = false;
  #isClosed = false;
  /** Since the question that is being answered. */
  #missed: MediaNotice[] = [];
  #isAsking = false;
  /** The question has not been answered yet. */
  #isOnItsWay = false;
  /** The library, ready for routers with these capabilities. */
  #device: { readonly device: types.Device; readonly capabilities: string } | null = null;

  constructor(options: EntryOptions) {
    this.#options = options;
  }

  get isGivenUp(): boolean {
    return this.#reconciler.failures >= PATIENT_FAILURES;
  }

  /** Enters, or enters again. */
  want(): void {
    this.#isWanted = true;
    this.#reconciler.wake();
  }

  /**
   * What we know may be out of date. A question that is on its way is repeated by whoever carries
   * it, so that its answer is as good as another.
   */
  renew(): void {
    if (!this.#isOnItsWay) this.want();
  }

  /** Keeps what is said while the answer is on its way, or being put to work. */
  hear(notice: MediaNotice): void {
    if (this.#isAsking) this.#missed.push(notice);
  }

  close(): void {
    this.#isClosed = true;
    this.#reconciler.close();
  }

  async #step(): Promise<StepResult> {
    if (!this.#isWanted) return 'settled';
    this.#isWanted = false;
    this.#isAsking = true;
    this.#missed = [];
    try {
      await this.#enter();
    } catch (error) {
      this.#isWanted = true;
      throw error;
    } finally {
      this.#isAsking = false;
    }
    return 'more';
  }

  async #enter(): Promise<void> {
    const { server, entered, createDevice } = this.#options;
    // The library may have to be loaded: meanwhile the server can be asked.
    const fresh = this.#device ? null : createDevice();
    fresh?.catch(() => undefined);
    this.#isOnItsWay = true;
    const answer = await server.enter().finally(() => {
      this.#isOnItsWay = false;
    });
    // What was added before the server answered is in its answer, or in the router of before.
    this.#missed = this.#missed.filter(({ type }) => !ADDED.includes(type));
    const device = await this.#deviceFor(answer.rtpCapabilities as types.RtpCapabilities, fresh);
    // By now it may be another router, or nobody may want to be in any.
    if (this.#isClosed || this.#isWanted) return;
    entered(answer, device, this.#missed);
  }

  async #deviceFor(
    routerRtpCapabilities: types.RtpCapabilities,
    fresh: Promise<types.Device> | null,
  ): Promise<types.Device> {
    const capabilities = JSON.stringify(routerRtpCapabilities);
    if (this.#device?.capabilities !== capabilities) {
      const device = await (fresh ?? this.#options.createDevice());
      await device.load({ routerRtpCapabilities });
      this.#device = { device, capabilities };
    }
    return this.#device.device;
  }
}
