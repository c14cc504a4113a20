import { act, render } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../../session/testing/fake_stream';
import { Video } from './video';

const film = (...kinds: ('audio' | 'video')[]): MediaStream =>
  new FakeStream(kinds.map((kind) => ({ kind }) as MediaStreamTrack)) as unknown as MediaStream;

/** What waits for the first frame of each element. */
const waiting = new Map<HTMLVideoElement, () => void>();

beforeEach(() => {
  waiting.clear();
  Object.assign(HTMLVideoElement.prototype, {
    requestVideoFrameCallback(this: HTMLVideoElement, callback: () => void) {
      waiting.set(this, callback);
      return 1;
    },
    cancelVideoFrameCallback(this: HTMLVideoElement) {
      waiting.delete(this);
    },
  });
  return () => {
    Reflect.deleteProperty(HTMLVideoElement.prototype, 'requestVideoFrameCallback');
    Reflect.deleteProperty(HTMLVideoElement.prototype, 'cancelVideoFrameCallback');
  };
});

const shown = () => [...document.querySelectorAll('video')].map(({ srcObject }) => srcObject);
const present = (stream: MediaStream) => {
  const video = [...document.querySelectorAll('video')].find((one) => one.srcObject === stream)!;
  act(() => waiting.get(video)?.());
};

describe('a picture', () => {
  it('is seen until the next one has a frame, in elements that stay', () => {
    const [old, next] = [film('video'), film('video')];
    const { rerender } = render(<Video stream={old} />);
    const element = document.querySelector('video');
    rerender(<Video stream={next} />);
    expect(shown()).toEqual([next, old]);
    expect(document.querySelectorAll('video')[1]).toBe(element);
    const behind = document.querySelector('video');
    present(next);
    expect(shown()).toEqual([next]);
    expect(document.querySelector('video')).toBe(behind);
  });

  it('gives way to the last of several at once', () => {
    const [old, next, last] = [film('video'), film('video'), film('video')];
    const { rerender } = render(<Video stream={old} />);
    rerender(<Video stream={next} />);
    rerender(<Video stream={last} />);
    expect(shown()).toEqual([last, old]);
    rerender(<Video stream={old} />);
    expect(shown()).toEqual([old]);
    expect(waiting.size).toBe(0);
  });

  it('stays when there is no other, and so does its last frame', () => {
    const old = film('video');
    const { rerender } = render(<Video stream={null} />);
    expect(shown()).toEqual([]);
    rerender(<Video stream={old} />);
    rerender(<Video stream={null} />);
    expect(shown()).toEqual([old]);
  });

  it('does not wait where nothing could be shown', () => {
    const [old, empty] = [film('video'), film()];
    const { rerender } = render(<Video stream={old} />);
    rerender(<Video stream={empty} />);
    expect(shown()).toEqual([empty]);
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    const next = film('video');
    rerender(<Video stream={next} />);
    expect(shown()).toEqual([next]);
    vi.restoreAllMocks();
  });

  it('does not wait when the page is hidden meanwhile', () => {
    const [old, next] = [film('video'), film('video')];
    const { rerender } = render(<Video stream={old} />);
    rerender(<Video stream={next} />);
    expect(shown()).toEqual([next, old]);
    act(() => {
      document.dispatchEvent(new Event('visibilitychange'));
    });
    expect(shown()).toEqual([next]);
  });
});
