import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { priorityOf } from './priority';
import { RemoteMember } from './remote_member';
import { couple, pass, type Person } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function limitsOf({ events }: Person) {
  return events.flatMap((event) => (event.type === 'limited' ? [event.limit] : []));
}

async function limited() {
  const both = await couple();
  const { sfu, a } = both;
  const [consumerId] = [...sfu.consumers].find(
    ([, { owner, producerId }]) => owner === 'a' && sfu.producers.get(producerId)?.kind === 'video',
  )!;
  const tell = async (spatialLayer: number | null, by: 'bandwidth' | 'publisher' | null) => {
    sfu.tell((id) => id === 'a', {
      type: 'layers-changed',
      roomId: 'r1',
      consumerId,
      spatialLayer,
      temporalLayer: spatialLayer,
      limited: by,
    });
    await pass(50);
    return limitsOf(a);
  };
  return { ...both, tell };
}

describe('a picture that is not as good as wished', () => {
  it('is told with the reason, once', async () => {
    const { tell } = await limited();
    expect(await tell(2, null)).toEqual([]);
    expect(await tell(0, 'bandwidth')).toEqual([{ by: 'bandwidth', paused: false }]);
    expect(await tell(1, 'bandwidth')).toHaveLength(1);
    expect((await tell(null, 'bandwidth')).slice(1)).toEqual([{ by: 'bandwidth', paused: true }]);
    expect((await tell(1, 'publisher')).slice(2)).toEqual([{ by: 'publisher', paused: false }]);
    expect((await tell(2, null)).slice(3)).toEqual([null]);
  });

  it.each(['not live', 'gone', 'closed', 'unpublished'])(
    'lacks nothing once it is %s',
    async (how) => {
      const { a, call, sfu, tell } = await limited();
      await tell(null, 'bandwidth');
      if (how === 'not live') a.session.setLive(false);
      if (how === 'gone') call.leave('b');
      if (how === 'closed') a.session.close();
      if (how === 'unpublished') sfu.tell(() => true, removed([...sfu.producers.keys()][1]!));
      if (how === 'unpublished') sfu.tell(() => true, removed([...sfu.producers.keys()][3]!));
      await pass(50);
      expect(limitsOf(a).at(-1)).toBeNull();
    },
  );
});

it('is held back by our own network only, and only while nothing comes', () => {
  const member = new RemoteMember(
    'b',
    () => undefined,
    () => undefined,
  );
  const held = (limit: Parameters<RemoteMember['limit']>[1]) => {
    member.limit('camera', limit);
    return member.isHeldBack('camera');
  };
  expect(held({ by: 'bandwidth', paused: true })).toBe(true);
  expect(held({ by: 'bandwidth', paused: false })).toBe(false);
  expect(held({ by: 'publisher', paused: true })).toBe(false);
  expect(held(null)).toBe(false);
});

describe('the priority of a picture', () => {
  it('is told with its size: a screen first, then what is shown large', async () => {
    const { a, sfu } = await couple();
    const told = () =>
      sfu.asked.flatMap(({ by, request }) =>
        by === 'a' && request.type === 'set-consumer' && request.priority !== undefined
          ? [request.priority]
          : [],
      );
    expect(told()).toEqual([64]);
    a.session.setShownHeight('b', 'camera', 720);
    await pass(50);
    a.session.setShownHeight('b', 'camera', 700);
    await pass(50);
    a.session.setShownHeight('b', 'camera', 0);
    await pass(50);
    a.session.setShownHeight('b', 'camera', 200);
    await pass(50);
    expect(told()).toEqual([64, 160, 64]);
  });

  it('grows with the height, and stays below that of a screen', () => {
    const heights = [undefined, 0, 90, 216, 217, 432, 433, 648, 649, 2_160];
    const priorities = heights.map((height) => priorityOf('camera', height));
    expect(priorities).toEqual([64, 64, 64, 64, 96, 96, 128, 128, 160, 160]);
    expect(priorityOf('screen', undefined)).toBe(192);
    expect(priorityOf('screen', 90)).toBe(192);
  });
});

function removed(producerId: string) {
  return { type: 'producer-removed', roomId: 'r1', producerId } as const;
}
