import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeDevices } from '../media/testing/fake_devices';
import {
  RequestError,
  type Request,
  type SignalingEvent,
  type SignalingPort,
} from '../signaling/port';
import type { ClientMessage, ErrorCode } from '../signaling/protocol';
import { greeting, room } from '../signaling/testing/messages';
import { RunningCheck, type CheckEnvironment } from './connection_check';
import { verdictOf } from './verdict';

/** A server without a media server, which may also be away, or let nobody in. */
class FakeServer implements SignalingPort {
  readonly status = 'idle' as const;
  readonly sent: ClientMessage[] = [];
  isUp = true;
  refusal: ErrorCode | null = null;
  isOpen = false;
  readonly #listeners = new Set<(event: SignalingEvent) => void>();

  connect(): void {
    this.isOpen = true;
    if (!this.isUp) return;
    const event: SignalingEvent = { type: 'session', greeting: greeting(), resumed: false };
    setTimeout(() => this.#listeners.forEach((listener) => listener(event)), 10);
  }

  disconnect(): void {
    this.isOpen = false;
  }

  verify(): void {
    // There is nothing to be found out.
  }

  send(message: ClientMessage): void {
    this.sent.push(message);
  }

  // The answers are those that each request has.
  async request(request: Request): Promise<never> {
    this.sent.push(request);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (request.type === 'ice-servers')
      return { type: 'ice-servers', iceServers: [], ttl: 0 } as never;
    if (this.refusal) throw new RequestError(this.refusal, 'no');
    return { type: 'room-created', room: room([]) } as never;
  }

  subscribe(listener: (event: SignalingEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get types(): string[] {
    return this.sent.map(({ type }) => type);
  }
}

function setUp() {
  const server = new FakeServer();
  const devices = new FakeDevices();
  const environment: CheckEnvironment = {
    createSignaling: () => server,
    createDevice: () => Promise.reject(new Error('no media server, no device')),
    createConnection: () => {
      throw new Error('no relay is configured');
    },
    createNoise: () => {
      throw new Error('nothing to send it to');
    },
    devices: { devices: devices.asMediaDevices, permissions: undefined },
    token: () => 'invitation',
    now: () => Date.now(),
    wait: async (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    nonce: () => 'check-1',
  };
  return { server, devices, check: new RunningCheck(environment) };
}

describe('a connection check', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('goes through with what can be tried, and takes its leave', async () => {
    const { server, check } = setUp();
    const heard = vi.fn();
    check.subscribe(heard);
    const run = check.run();
    expect(check.report.isRunning).toBe(true);
    await vi.runAllTimersAsync();
    await run;
    expect(verdictOf(check.report)).toBe('untested');
    expect(check.report.server).toEqual({
      status: 'done',
      fact: { isReached: true, roundTrip: 20 },
    });
    expect(check.report.udp).toEqual({ status: 'done', fact: { outcome: 'not-offered' } });
    expect(server.types.at(-1)).toBe('leave-room');
    expect(server.sent).toContainEqual(
      expect.objectContaining({
        payload: expect.objectContaining({ token: 'invitation' }) as object,
      }),
    );
    expect(server.isOpen).toBe(false);
    expect(heard.mock.calls.length).toBeGreaterThan(4);
  });

  it('says that the server is not reached, when its patience is over', async () => {
    const { server, check } = setUp();
    server.isUp = false;
    const run = check.run();
    await vi.advanceTimersByTimeAsync(60_000);
    await run;
    expect(verdictOf(check.report)).toBe('no-server');
    expect(server.isOpen).toBe(false);
  });

  it('says what it could not try where one is not let in', async () => {
    const { server, check } = setUp();
    server.refusal = 'token-required';
    const run = check.run();
    await vi.runAllTimersAsync();
    await run;
    expect(check.report.udp).toEqual({ status: 'done', fact: { outcome: 'unknown' } });
    expect(verdictOf(check.report)).toBe('untested');
  });

  it('stops at once and closes what is open, and can be run again', async () => {
    const { server, check } = setUp();
    const run = check.run();
    await vi.advanceTimersByTimeAsync(40);
    check.stop();
    expect(server.isOpen).toBe(false);
    expect(check.report.isRunning).toBe(false);
    await vi.runAllTimersAsync();
    await run;
    const again = check.run();
    await vi.runAllTimersAsync();
    await again;
    expect(verdictOf(check.report)).toBe('untested');
  });

  it('does not begin twice', async () => {
    const { server, check } = setUp();
    const runs = [check.run(), check.run()];
    await vi.runAllTimersAsync();
    await Promise.all(runs);
    expect(server.types.filter((type) => type === 'create-room')).toHaveLength(1);
  });
});
