/** Who speaks, whichever way the media travels. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member } from '../signaling/testing/messages';
import { selectDominantSpeaker, selectSpeakers } from './selectors';
import { removeParticipant } from './slices/participants';
import { joined, modeChanged, StubStream, type World } from './testing/fake_backstage';

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => vi.unstubAllGlobals());

const members = ['a', 'b', 'c', 'me'].map((id) => member(id));
const asked = (world: World) => {
  const state = world.store.getState();
  return [selectDominantSpeaker(state), ...selectSpeakers(state)];
};
const hear = (world: World, levels: Record<string, number>) => {
  world.calls[0]!.emit({ type: 'levels', levels: new Map(Object.entries(levels)) });
};
const tell = (world: World, speakers: string[], roomId = 'r1') => {
  const dominant = speakers[0] ?? null;
  world.signaling.say({
    type: 'active-speakers',
    roomId,
    dominant,
    speakers,
    loudestOnly: false,
  });
};

describe('the speaker', () => {
  it('is in a mesh whom we hear', async () => {
    const world = await joined({ members });
    expect(asked(world)).toEqual([null]);
    hear(world, { a: 0.5, b: 0 });
    expect(asked(world)).toEqual(['a', 'a']);
    hear(world, { a: 0, b: 0 });
    expect(asked(world)).toEqual(['a', 'a']);
  });

  it('is through a server whom the server names, never ourselves', async () => {
    const world = await joined({ members, mode: 'sfu', generation: 2 });
    hear(world, { a: 0.5 });
    expect(asked(world)).toEqual([null]);
    tell(world, ['b', 'c']);
    expect(asked(world)).toEqual(['b', 'b', 'c']);
    tell(world, ['me', 'b', 'c']);
    expect(asked(world)).toEqual(['b', 'b', 'c']);
    tell(world, ['a'], 'another room');
    expect(asked(world)).toEqual(['b', 'b', 'c']);
  });

  it('is known on when the mode changes, and forgotten when they leave', async () => {
    const world = await joined({ members, mode: 'sfu', generation: 2 });
    tell(world, ['b', 'c']);
    world.signaling.say(modeChanged({ generation: 3 }));
    hear(world, { a: 0.5 });
    expect(asked(world)).toEqual(['a', 'a', 'b', 'c']);
    world.signaling.say(modeChanged({ generation: 4, mode: 'sfu' }));
    tell(world, ['c']);
    expect(asked(world)).toEqual(['c', 'c', 'a', 'b']);
    world.store.dispatch(removeParticipant('c'));
    expect(asked(world)).toEqual(['a', 'a', 'b']);
  });
});
