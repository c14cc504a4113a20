import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Json } from '../../session/data/channels';
import { FakeChannels } from '../testing/fake_backstage';
import { PresenceTopic, readPresence, type Presence } from './presence';

const PLAIN: Presence = {
  name: 'Me',
  status: 'active',
  audio: true,
  video: true,
  screen: false,
  hand: null,
};

function createTopic() {
  const data = new FakeChannels();
  const world = {
    data,
    own: PLAIN,
    serverTells: false,
    now: 1_000,
    learnt: [] as (readonly [string, Presence])[],
  };
  const topic = new PresenceTopic({
    data,
    now: () => world.now,
    own: () => world.own,
    serverTells: () => world.serverTells,
    learn: (id, presence) => world.learnt.push([id, presence]),
  });
  return { world, data, topic };
}

describe('what we say of ourselves', () => {
  it('goes to everybody when it changes, and to each newcomer', () => {
    const { world, data, topic } = createTopic();
    topic.announce();
    expect(data.published).toEqual([]);
    world.own = { ...PLAIN, audio: false };
    topic.announce();
    topic.announce();
    data.reach('b');
    expect(data.on('presence')).toEqual([
      [{ ...world.own, revision: 1_000 }, null],
      [{ ...world.own, revision: 1_001 }, 'b'],
    ]);
  });

  it('counts on, also when the clock goes back', () => {
    const { world, data, topic } = createTopic();
    data.reach('b');
    world.now = 10;
    world.own = { ...PLAIN, video: false };
    topic.announce();
    expect(data.on('presence').map(([said]) => (said as { revision: number }).revision)).toEqual([
      1_000, 1_001,
    ]);
  });

  it('leaves out what the server tells everybody anyway', () => {
    const { world, data, topic } = createTopic();
    world.serverTells = true;
    world.own = { ...PLAIN, video: false };
    topic.announce();
    data.reach('b');
    expect(data.published).toEqual([]);
    world.own = { ...world.own, status: 'idle' };
    topic.announce();
    data.reach('c');
    expect(data.on('presence').map(([, to]) => to)).toEqual([null, 'c']);
    world.own = { ...world.own, status: 'active' };
    topic.announce();
    expect(data.on('presence')).toHaveLength(3);
    world.own = { ...world.own, audio: false };
    topic.announce();
    expect(data.on('presence')).toHaveLength(3);
    world.serverTells = false;
    topic.announce();
    expect(data.on('presence').at(-1)).toMatchObject([{ audio: false, video: false }, null]);
  });

  it('ends with the call', () => {
    const { world, data, topic } = createTopic();
    topic.close();
    data.reach('b');
    data.hear('b', 'presence', { ...PLAIN, revision: 1 });
    expect(data.published).toEqual([]);
    expect(world.learnt).toEqual([]);
  });
});

describe('what others say of themselves', () => {
  it('counts in any order as the newest word', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (revisions) => {
        const { world, data } = createTopic();
        for (const revision of revisions) {
          data.hear('b', 'presence', { ...PLAIN, name: `${revision}`, revision });
        }
        expect(world.learnt.at(-1)?.[1].name).toBe(`${Math.max(...revisions)}`);
        expect(world.learnt.length).toBe(new Set(rising(revisions)).size);
      }),
    );
  });

  it('is per member, and forgotten with the member', () => {
    const { world, data, topic } = createTopic();
    data.hear('b', 'presence', { ...PLAIN, revision: 9 });
    data.hear('c', 'presence', { ...PLAIN, revision: 1 });
    topic.forget('b');
    data.hear('b', 'presence', { ...PLAIN, revision: 1 });
    expect(world.learnt.map(([id]) => id)).toEqual(['b', 'c', 'b']);
  });

  it.each<[string, Json]>([
    ['no object', 'hello'],
    ['a list', []],
    ['no revision', { ...PLAIN }],
    ['a broken revision', { ...PLAIN, revision: 1.5 }],
    ['an endless name', { ...PLAIN, revision: 1, name: 'x'.repeat(65) }],
    ['an unknown status', { ...PLAIN, revision: 1, status: 'asleep' }],
    ['a switch that is none', { ...PLAIN, revision: 1, audio: 'yes' }],
    ['a hand that is none', { ...PLAIN, revision: 1, hand: 'up' }],
  ])('is not believed: %s', (_, payload) => {
    const { world, data } = createTopic();
    data.hear('b', 'presence', payload);
    expect(world.learnt).toEqual([]);
  });

  it('never breaks anything, and comes out as what it should be', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readPresence(value as Json);
        if (read) expect(Object.keys(read).sort()).toEqual(Object.keys(PLAIN).sort());
      }),
    );
  });
});

/** The items that are higher than all before. */
function rising(items: readonly number[]): number[] {
  return items.filter((item, index) => items.slice(0, index).every((one) => one < item));
}
