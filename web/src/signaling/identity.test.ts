import { describe, expect, it } from 'vitest';

import { webSocketAddress } from './address';
import { retryDelay } from './backoff';
import { Identity } from './identity';
import { MemoryStorage } from './testing/memory_storage';

/** Web Locks of one origin. */
function createLocks() {
  const held = new Map<string, Promise<unknown>>();
  const request = async (
    name: string,
    options: { signal: AbortSignal },
    hold: () => Promise<unknown>,
  ) => {
    while (held.has(name)) {
      await Promise.race([
        held.get(name),
        new Promise((_, reject) =>
          options.signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
      ]);
    }
    const holding = hold();
    held.set(name, holding);
    await holding;
    held.delete(name);
  };
  return { request } as unknown as LockManager;
}

describe('an identity', () => {
  it('outlives a reload, with the count of frames', async () => {
    const environment = { storage: new MemoryStorage(), locks: createLocks() };
    const before = new Identity(environment);
    before.assign('me', 'token', 0);
    before.count();
    before.count();
    before.save();
    before.close();
    const after = new Identity(environment);
    expect(await after.restore()).toBe(true);
    expect(after.credentials).toEqual({ memberId: 'me', resumeToken: 'token', received: 2 });
  });

  it('waits for the page it replaces', async () => {
    const environment = { storage: new MemoryStorage(), locks: createLocks() };
    const before = new Identity(environment);
    before.assign('me', 'token', 0);
    const after = new Identity(environment);
    const restored = after.restore();
    setTimeout(() => before.close(), 50);
    expect(await restored).toBe(true);
  });

  it('is not shared with a duplicated tab', async () => {
    const locks = createLocks();
    const storage = new MemoryStorage();
    new Identity({ storage, locks }).assign('me', 'token', 0);
    const copy = new MemoryStorage();
    for (const [key, value] of storage.items) copy.setItem(key, value);
    const duplicate = new Identity({ storage: copy, locks });
    expect(await duplicate.restore()).toBe(false);
    expect(duplicate.credentials).toBeNull();
    expect(copy.items.size).toBe(0);
  });

  it('does without locks and without sense in the storage', async () => {
    const storage = new MemoryStorage();
    storage.setItem('crossover:identity', '{"memberId":7}');
    expect(await new Identity({ storage, locks: undefined }).restore()).toBe(false);
  });
});

describe('the address', () => {
  it('is the page’s own unless configured', () => {
    expect(webSocketAddress(undefined, 'https://a.example/r/x')).toBe('wss://a.example/ws');
    expect(webSocketAddress('', 'http://localhost:3000/')).toBe('ws://localhost:3000/ws');
    expect(webSocketAddress('wss://b.example/ws', 'http://a.example/')).toBe('wss://b.example/ws');
    expect(webSocketAddress('https://b.example/live', 'http://a.example/')).toBe(
      'wss://b.example/live',
    );
  });
});

describe('the delay', () => {
  it('begins small, doubles, and stays within ten seconds', () => {
    expect(retryDelay(0, 0)).toBe(75);
    expect(retryDelay(0, 0.999)).toBeLessThan(150);
    expect(retryDelay(1, 0)).toBe(150);
    expect(retryDelay(50, 0.999)).toBeLessThanOrEqual(10_000);
  });
});
