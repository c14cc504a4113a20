import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createApi } from './api';
import { leaveRoom } from './room_actions';
import { createWorld, joined, StubStream } from './testing/fake_backstage';

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => vi.unstubAllGlobals());

describe('the page’s interface', () => {
  it('says where we are', async () => {
    expect(createApi(createWorld()).room()).toBeNull();
    expect(createApi(await joined({ mode: 'sfu', generation: 4 })).room()).toEqual({
      id: 'r1',
      name: 'Room',
      memberId: 'me',
      mode: 'sfu',
      generation: 4,
      members: [
        { id: 'b', name: 'B' },
        { id: 'me', name: 'ME' },
      ],
    });
  });

  it('speaks while we are in a room', async () => {
    const world = await joined();
    const api = createApi(world);
    api.data.publish('cursor', { x: 1 }, { lossy: true });
    expect(world.calls[0]!.data.published.at(-1)).toEqual({
      topic: 'cursor',
      payload: { x: 1 },
      options: { lossy: true },
    });
    world.store.dispatch(leaveRoom());
    expect(() => api.data.publish('cursor', {})).toThrow(/not in a room/);
  });

  it('listens to everything, and does not speak for the page', async () => {
    const world = await joined();
    const api = createApi(world);
    const heard = vi.fn();
    api.data.subscribe('chat', heard);
    world.calls[0]!.data.hear('b', 'chat', 'whatever');
    expect(heard).toHaveBeenCalledOnce();
    for (const topic of ['chat', 'presence', 'reaction']) {
      expect(() => api.data.publish(topic, {})).toThrow(/page's own/);
    }
  });
});
