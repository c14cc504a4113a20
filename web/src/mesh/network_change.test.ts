import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { FakeRoom } from './testing/fake_room';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('restarts ICE when packets have stopped coming and signaling was lost as well', async () => {
  const room = new FakeRoom();
  room.greets = true;
  const a = room.enter('a');
  room.enter('b');
  await pass(1_000);
  const [, ofA] = room.network.all; // b came last and has the first connection
  const flow = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      ofA!.newestPacket += 100;
      await pass(100);
    }
  };
  const offers = () => room.offers().length;
  const before = offers();

  await flow(2_000);
  a.session.signalingRestored();
  await flow(2_000);
  expect(offers()).toBe(before);
  await pass(700); // stopped soon after signaling was back
  expect(offers()).toBe(before + 1);

  await flow(11_000);
  await pass(700);
  expect(a.events.filter(({ type }) => type === 'stalled')).toHaveLength(1);
  expect(offers()).toBe(before + 1);
  a.session.signalingRestored(); // soon after they stopped
  await pass(100);
  expect(offers()).toBe(before + 2);

  expect(room.phases('a')['b']).toBe('active');
  expect(room.phases('b')['a']).toBe('active');
  expect(room.network.all).toHaveLength(2);
});
