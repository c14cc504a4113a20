import { beforeEach, describe, expect, it, vi } from 'vitest';

import { LOCAL, StreamRegistry } from './streams';
import { FakeStream } from './testing/fake_stream';

const track = (kind: 'audio' | 'video') => ({ kind }) as MediaStreamTrack;
const stream = (...tracks: MediaStreamTrack[]) => new FakeStream(tracks) as unknown as MediaStream;

beforeEach(() => vi.stubGlobal('MediaStream', FakeStream));

describe('streams', () => {
  it('tell those who look at one of them, and only when it changes', () => {
    const streams = new StreamRegistry();
    const told: string[] = [];
    streams.subscribe('a', 'camera', () => told.push('camera'));
    const stop = streams.subscribe('a', 'screen', () => told.push('screen'));
    const one = stream();
    streams.set('a', 'camera', one);
    streams.set('a', 'camera', one);
    streams.set('b', 'camera', stream());
    streams.set('a', 'screen', stream());
    stop();
    streams.remove('a');
    streams.remove('a');
    expect(told).toEqual(['camera', 'screen', 'camera']);
    expect(streams.picture('a', 'camera')).toBeNull();
    expect(streams.sound('a', 'camera')).toBeNull();
  });

  it('show another picture as another stream, and the sound always as the same', () => {
    const streams = new StreamRegistry();
    const [voice, camera, other] = [track('audio'), track('video'), track('video')];
    const one = stream(voice, camera);
    streams.set('a', 'camera', one);
    const first = streams.picture('a', 'camera');
    expect(first?.getTracks()).toEqual([camera]);
    let told = 0;
    streams.subscribe('a', 'camera', () => (told += 1));
    one.addTrack(track('audio'));
    streams.set('a', 'camera', one);
    expect([streams.picture('a', 'camera'), told]).toEqual([first, 0]);
    one.removeTrack(camera);
    one.addTrack(other);
    streams.set('a', 'camera', one);
    expect(streams.picture('a', 'camera')).not.toBe(first);
    expect(streams.picture('a', 'camera')?.getTracks()).toEqual([other]);
    expect([streams.sound('a', 'camera'), told]).toEqual([one, 1]);
    one.removeTrack(other);
    streams.set('a', 'camera', one);
    expect(streams.picture('a', 'camera')?.getTracks()).toEqual([]);
  });

  it('can be cleared of everybody else', () => {
    const streams = new StreamRegistry();
    streams.set(LOCAL, 'camera', stream());
    streams.set('with:colon', 'screen', stream());
    streams.keepOnly(LOCAL);
    expect(streams.picture('with:colon', 'screen')).toBeNull();
    expect(streams.picture(LOCAL, 'camera')).not.toBeNull();
  });
});
