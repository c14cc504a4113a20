import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { FakeCall, pass, speaking } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the ways that a connection to the server may take', () => {
  it.each([
    [{}, 'all'],
    [{ icePolicy: 'relay' }, 'relay'],
  ] as const)('are with %j %s, in both directions', async (options, policy) => {
    const call = new FakeCall();
    const { connections } = call.enter('a', speaking(), options);
    await pass(1_000);
    call.closeAll();
    expect([...connections.values()].map(({ icePolicy }) => icePolicy)).toEqual([policy, policy]);
  });
});
