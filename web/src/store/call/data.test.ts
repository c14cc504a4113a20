import { describe, expect, it } from 'vitest';

import { FakeChannels } from '../testing/fake_backstage';
import { CallData } from './data';

describe('what is said over the call', () => {
  it('takes a call', () => {
    const data = new CallData();
    expect(() => data.publish('cursor', 1)).toThrow(/not in a room/);
    const channels = new FakeChannels();
    data.attach(channels);
    data.publish('cursor', 1, { to: 'b', lossy: true });
    expect(channels.published).toEqual([
      { topic: 'cursor', payload: 1, options: { to: 'b', lossy: true } },
    ]);
    data.detach();
    expect(() => data.publish('cursor', 1)).toThrow(/not in a room/);
  });

  it('is heard in every call until nobody listens', () => {
    const data = new CallData();
    const [first, second] = [new FakeChannels(), new FakeChannels()];
    const heard: unknown[] = [];
    const stop = data.subscribe('cursor', ({ payload }) => heard.push(payload));
    data.attach(first);
    first.hear('b', 'cursor', 1);
    first.hear('b', 'other', 0);
    data.attach(second);
    first.hear('b', 'cursor', 0);
    second.hear('b', 'cursor', 2);
    stop();
    second.hear('b', 'cursor', 0);
    expect(heard).toEqual([1, 2]);
  });
});
