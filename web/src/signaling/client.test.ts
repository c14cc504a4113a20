import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { SignalingClient } from './client';
import { Identity } from './identity';
import type { SignalingEvent } from './port';
import { FakeSocket } from './testing/fake_socket';
import { MemoryStorage } from './testing/memory_storage';
import { chat, greeting } from './testing/messages';
import { ResumingServer } from './testing/resuming_server';

function setUp(random = () => 0.5) {
  const sockets: FakeSocket[] = [];
  const identity = new Identity({ storage: new MemoryStorage(), locks: undefined });
  const client = new SignalingClient({
    identity,
    random,
    createSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket.asWebSocket;
    },
  });
  const events: SignalingEvent[] = [];
  client.subscribe((event) => events.push(event));
  const last = () => sockets.at(-1)!;
  return { client, identity, sockets, events, last };
}

function connected() {
  const all = setUp();
  all.client.connect();
  all.last().say(greeting());
  return all;
}

/** Loses the connection and makes the next one, up to its greeting. */
function reconnect({ sockets, last }: ReturnType<typeof setUp>, resumed: boolean) {
  const before = sockets.length;
  last().drop();
  vi.advanceTimersByTime(200);
  expect(sockets.length).toBe(before + 1);
  last().say(greeting({ id: 'visitor', resumeToken: 'other' }));
  last().say(greeting({ resumed }));
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a connection', () => {
  it('is somebody after the greeting', () => {
    const { client, events, identity } = connected();
    expect(client.status).toBe('connected');
    expect(events.map(({ type }) => type)).toEqual(['status', 'status', 'session']);
    expect(identity.credentials).toEqual({ memberId: 'me', resumeToken: 'token', received: 0 });
  });

  it('sends what was said before there was one, in order', () => {
    const { client, last } = setUp();
    client.connect();
    client.send({ type: 'offer', to: 'a', payload: 1 });
    client.send({ type: 'offer', to: 'a', payload: 2 });
    expect(last().sent).toEqual([]);
    last().say(greeting());
    expect(
      last()
        .of('offer')
        .map(({ payload }) => payload),
    ).toEqual([1, 2]);
  });

  it('gives each request its own answer', async () => {
    const { client, last } = connected();
    const list = client.request({ type: 'list-rooms' });
    const info = client.request({ type: 'room-info', payload: { roomId: 'x' } });
    const id = last().of('room-info')[0]!.id!;
    last().say({ type: 'error', id, code: 'room-not-found', message: 'no such room' });
    await expect(info).rejects.toMatchObject({ code: 'room-not-found', message: 'no such room' });
    last().say({ type: 'rooms-list', id: last().of('list-rooms')[0]!.id!, rooms: [], total: 3 });
    await expect(list).resolves.toMatchObject({ total: 3 });
  });

  it('gives up on an answer after ten seconds', async () => {
    const { client } = connected();
    const failed = expect(client.request({ type: 'list-rooms' })).rejects.toMatchObject({
      code: 'timeout',
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
  });

  it('survives whatever is no message', () => {
    const { client, last, events } = connected();
    const before = events.length;
    for (const text of ['', '[]', 'null', '7', '{"type":1}', '{', '"type"']) last().sayText(text);
    expect(events.length).toBe(before);
    expect(client.status).toBe('connected');
  });

  it('is given up when nobody answers a ping', () => {
    const { client, last, sockets } = connected();
    last().say({ type: 'pong', timestamp: 0 });
    vi.advanceTimersByTime(10_000);
    expect(last().of('ping')).toHaveLength(2);
    vi.advanceTimersByTime(4_000);
    expect(client.status).toBe('reconnecting');
    vi.advanceTimersByTime(200);
    expect(sockets).toHaveLength(2);
  });

  it('is given up soon where there is doubt', () => {
    const { client, last, sockets } = connected();
    vi.advanceTimersByTime(20);
    last().say({ type: 'pong', timestamp: 0 });
    client.verify();
    vi.advanceTimersByTime(100);
    last().say({ type: 'pong', timestamp: 0 });
    vi.advanceTimersByTime(1_000);
    expect(client.status).toBe('connected');
    client.verify();
    vi.advanceTimersByTime(499);
    expect(client.status).toBe('connected');
    vi.advanceTimersByTime(1);
    expect(client.status).toBe('reconnecting');
    client.verify();
    expect(sockets).toHaveLength(2);
  });

  it('is given more time where answers are always slow', () => {
    const { client, last } = connected();
    vi.advanceTimersByTime(600);
    last().say({ type: 'pong', timestamp: 0 });
    client.verify();
    vi.advanceTimersByTime(2_300);
    expect(client.status).toBe('connected');
    vi.advanceTimersByTime(200);
    expect(client.status).toBe('reconnecting');
  });

  it('is not asked twice at once, but sooner where there is doubt', () => {
    const { client, last } = connected();
    last().say({ type: 'pong', timestamp: 0 });
    client.wake();
    client.wake();
    expect(last().of('ping')).toHaveLength(2);
    client.verify();
    vi.advanceTimersByTime(500);
    expect(client.status).toBe('reconnecting');
  });

  it('is given up when it never greets', () => {
    const { client, sockets } = setUp();
    client.connect();
    vi.advanceTimersByTime(5_200);
    expect(sockets).toHaveLength(2);
  });
});

describe('a lost connection', () => {
  it('is tried again at once, then ever more slowly, and is called disconnected after five', () => {
    const { client, sockets, last } = connected();
    vi.advanceTimersByTime(6_000);
    const attempts: number[] = [];
    const started = Date.now();
    last().drop();
    for (let count = 1; count <= 9; count += 1) {
      while (sockets.length <= count) vi.advanceTimersByTime(5);
      attempts.push(Date.now() - started);
      expect(client.status).toBe(count > 5 ? 'disconnected' : 'reconnecting');
      last().drop();
    }
    expect(attempts[0]).toBeLessThan(250);
    const gaps = attempts.slice(1).map((at, index) => at - attempts[index]!);
    expect(gaps.every((gap, index) => index === 0 || gap >= gaps[index - 1]!)).toBe(true);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000);
  });

  it('is tried at once when the browser is online again', () => {
    const { client, sockets, last } = connected();
    for (let count = 0; count < 8; count += 1) {
      last().drop();
      client.wake();
      expect(sockets).toHaveLength(count + 2);
    }
  });

  it('resumes with the token and the number of frames received', () => {
    const all = connected();
    all.last().say(chat(1));
    all.last().say({ type: 'pong', timestamp: 0 });
    all.last().say({ type: 'host-changed', roomId: 'r1', host: 'b' });
    reconnect(all, true);
    expect(all.last().sent[0]).toEqual({ type: 'resume', resumeToken: 'token', received: 2 });
    all.last().say(chat(2));
    expect(all.identity.credentials).toMatchObject({ memberId: 'me', received: 3 });
    expect(all.events.filter(({ type }) => type === 'session')).toHaveLength(2);
  });

  it('counts from nothing when the session could not be resumed', () => {
    const all = connected();
    all.last().say(chat(1));
    reconnect(all, false);
    expect(all.identity.credentials?.received).toBe(0);
    expect(all.events.at(-1)).toMatchObject({ type: 'session', resumed: false });
  });

  it('never shows the id of a connection that is not ours yet', () => {
    const all = connected();
    reconnect(all, true);
    const ids = all.events.flatMap((event) =>
      event.type === 'session' ? [event.greeting.id] : [],
    );
    expect(ids).toEqual(['me', 'me']);
  });

  it('lets listeners of a new session speak before what was queued', () => {
    const all = connected();
    all.client.subscribe((event) => {
      if (event.type === 'session') {
        all.client.send({ type: 'join-room', payload: { roomId: 'r1' } });
      }
    });
    all.last().drop();
    all.client.send({ type: 'offer', to: 'a', payload: null });
    vi.advanceTimersByTime(200);
    all.last().say(greeting());
    all.last().say(greeting());
    const types = all.last().sent.map(({ type }) => type);
    expect(types.indexOf('join-room')).toBeLessThan(types.indexOf('offer'));
  });

  it('is not restored when the server says so, until the person wants it', () => {
    const { client, last, sockets, events } = connected();
    last().say({ type: 'goodbye', code: 'replaced', message: 'elsewhere', reconnect: false });
    last().drop();
    vi.advanceTimersByTime(60_000);
    client.wake();
    expect(sockets).toHaveLength(1);
    expect(client.status).toBe('disconnected');
    expect(events.some(({ type }) => type === 'goodbye')).toBe(true);
    client.connect();
    expect(sockets).toHaveLength(2);
  });

  it('stays away after disconnect', () => {
    const { client, sockets } = connected();
    client.disconnect();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(client.status).toBe('idle');
  });
});

describe('resuming', () => {
  it(
    'loses nothing and repeats nothing, however often it breaks',
    { timeout: 60_000 },
    async () => {
      const step = fc.constantFrom('tell', 'ask', 'cut', 'cut silently', 'wait');
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer(), async (steps, seed) => {
          const server = new ResumingServer();
          const all = setUp(() => Math.abs(Math.sin(seed)));
          const heard: number[] = [];
          const answers: Promise<unknown>[] = [];
          all.client.subscribe((event) => {
            if (event.type === 'message' && event.message.type === 'chat') {
              heard.push(event.message.order);
            }
          });
          const serve = () => {
            vi.advanceTimersByTime(1);
            const socket = all.sockets.at(-1);
            if (socket && !served.has(socket)) {
              served.add(socket);
              server.connect(socket);
            }
          };
          const served = new Set<FakeSocket>();
          let told = 0;
          all.client.connect();
          serve();
          for (const one of steps) {
            if (one === 'tell') server.tell(chat((told += 1)));
            if (one === 'ask')
              answers.push(all.client.request({ type: 'leave-room', payload: { roomId: 'x' } }));
            if (one.startsWith('cut')) server.lose();
            if (one === 'cut') all.last().drop();
            if (one === 'wait') for (let tick = 0; tick < 300; tick += 1) serve();
          }
          // A connection that is silently dead is found out by the keep-alive.
          for (let tick = 0; tick < 400; tick += 1) {
            vi.advanceTimersByTime(50);
            serve();
          }
          await Promise.allSettled(answers);
          expect(heard).toEqual(Array.from({ length: told }, (_, index) => index + 1));
          expect(new Set(server.arrived).size).toBe(server.arrived.length);
          all.client.disconnect();
        }),
        { numRuns: 40, seed: 7 },
      );
    },
  );
});
