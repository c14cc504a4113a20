import { afterEach, expect, it, vi } from 'vitest';

import { fetchAhead } from './ahead';
import { locationChanged } from './location';
import { createWorld } from './testing/fake_backstage';

afterEach(() => vi.unstubAllGlobals());

const has = (sfu: boolean) => ({
  features: {
    relay: false,
    legacyDirect: false,
    resume: true,
    chatPersistence: 'none' as const,
    rateLimit: 10,
    sfu,
  },
});

/** Idle whenever it is asked. */
function watched() {
  const world = createWorld();
  vi.stubGlobal('requestIdleCallback', (act: () => void) => act());
  const fetch = vi.fn();
  fetchAhead(world.store, fetch);
  return { world, fetch };
}

it('what calls through a server take is fetched once, at the door of a room', () => {
  const { world, fetch } = watched();
  world.signaling.begin(has(true));
  expect(fetch).not.toHaveBeenCalled();
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  expect(fetch).toHaveBeenCalledTimes(1);
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r2' }));
  expect(fetch).toHaveBeenCalledTimes(1);
});

it('and nothing where there is no such server', () => {
  const { world, fetch } = watched();
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  world.signaling.begin(has(false));
  expect(fetch).not.toHaveBeenCalled();
});

it('also in browsers that do not say when they are idle', async () => {
  const world = createWorld();
  const fetch = vi.fn();
  fetchAhead(world.store, fetch);
  world.signaling.begin(has(true));
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
});
