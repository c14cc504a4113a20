import { FakeHandler, testFakeParameters } from 'mediasoup-client';
import { expect, it, vi } from 'vitest';

import { remembering } from './browser_abilities';

it('a browser is asked once for each direction, and again where it had no answer', async () => {
  const handler = FakeHandler.createFactory(testFakeParameters);
  const ask = vi.spyOn(handler, 'getNativeRtpCapabilities');
  const same = remembering(handler);
  const [recv, send] = [{ direction: 'recvonly' }, { direction: 'sendonly' }] as const;
  ask.mockRejectedValueOnce(new Error('too many connections'));
  await expect(same.getNativeRtpCapabilities(recv)).rejects.toThrow('too many');
  const answers = [recv, send, recv, send].map((one) => same.getNativeRtpCapabilities(one));
  const [first, , again] = await Promise.all(answers);
  expect(again).toBe(first);
  expect(ask.mock.calls.map(([one]) => one.direction)).toEqual([
    'recvonly',
    'recvonly',
    'sendonly',
  ]);
  expect(same.name).toBe(handler.name);
});
