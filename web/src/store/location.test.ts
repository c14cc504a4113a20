import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { MemoryStorage } from '../signaling/testing/memory_storage';
import { IceRefresh } from './ice_refresh';
import { parsePath, pathOf } from './location';
import { Membership } from './membership';
import { FakeSignaling } from './testing/fake_backstage';

describe('the address bar', () => {
  it('finds its way back from every room', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (roomId) => {
        const target = { page: 'room', roomId } as const;
        expect(parsePath(pathOf(target))).toEqual(target);
      }),
    );
  });

  it.each([
    ['/', 'dashboard'],
    ['/settings', 'settings'],
    ['/login/', 'login'],
    ['/r/', 'dashboard'],
    ['/r/a/b', 'dashboard'],
    ['/elsewhere', 'dashboard'],
  ])('shows at %s the %s', (path, page) => {
    expect(parsePath(path)).toEqual({ page, roomId: null });
  });

  it('takes a broken escape as it is', () => {
    expect(parsePath('/r/%E0%A4%A')).toEqual({ page: 'room', roomId: '%E0%A4%A' });
  });
});

describe('membership', () => {
  const wish = { roomId: 'r', name: 'Me', password: 'secret' };

  it('outlives a reload without the password', () => {
    const storage = new MemoryStorage();
    const before = new Membership(storage);
    before.want(wish);
    expect(new Membership(storage).remembered()).toBeNull();
    expect(before.admitted({ id: 'r', ticket: 't' }, false)).toBe(true);
    const after = new Membership(storage);
    expect(after.remembered()).toEqual({ roomId: 'r', name: 'Me', password: null, ticket: 't' });
    expect(after.want({ ...wish, password: null }).ticket).toBe('t');
    after.forget();
    expect(after.remembered()).toBeNull();
  });

  it('admits only where one wants to be', () => {
    const membership = new Membership(new MemoryStorage());
    expect(membership.admitted({ id: 'r', ticket: 't' }, true)).toBe(false);
    membership.wantNew('Me', null);
    expect(membership.admitted({ id: 'r', ticket: 't' }, false)).toBe(false);
    expect(membership.admitted({ id: 'r', ticket: 't' }, true)).toBe(true);
    membership.want({ ...wish, roomId: 'elsewhere' });
    expect(membership.admitted({ id: 'r', ticket: 't' }, false)).toBe(false);
  });
});

describe('ICE servers', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('are renewed when four fifths of their time are over', async () => {
    const signaling = new FakeSignaling();
    const applied: unknown[] = [];
    const refresh = new IceRefresh(signaling, (servers) => applied.push(servers));
    refresh.renewed([], 100);
    await vi.advanceTimersByTimeAsync(79_000);
    expect(signaling.sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(signaling.types()).toEqual(['ice-servers']);
    refresh.stop();
    const answered = signaling.answer('ice-servers', {
      type: 'ice-servers',
      iceServers: [{ urls: ['turn:x'] }],
      ttl: 0,
    });
    await vi.advanceTimersByTimeAsync(10);
    await answered;
    expect(applied).toEqual([[], [{ urls: ['turn:x'] }]]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
