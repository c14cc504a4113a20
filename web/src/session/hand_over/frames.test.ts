import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../testing/fake_stream';
import { countFrames, watchFirstFrame } from './frames';
import { FakeRemoteTrack } from './testing/fake_engine';

/** An element that presents frames when told. */
class FakeVideo {
  muted = false;
  srcObject: unknown = null;
  readyState = 0;
  currentTime = 0;
  videoWidth = 0;
  readonly callbacks = new Map<number, VideoFrameRequestCallback>();
  #last = 0;

  play(): Promise<void> {
    return Promise.reject(new DOMException('interrupted', 'AbortError'));
  }

  requestVideoFrameCallback?(callback: VideoFrameRequestCallback): number {
    this.#last += 1;
    this.callbacks.set(this.#last, callback);
    return this.#last;
  }

  cancelVideoFrameCallback(handle: number): void {
    this.callbacks.delete(handle);
  }

  present(presentationTime: number): void {
    const due = [...this.callbacks.values()];
    this.callbacks.clear();
    for (const callback of due) callback(0, { presentationTime } as VideoFrameCallbackMetadata);
  }
}

let videos: FakeVideo[] = [];
let canCount = true;
let visibilityState = 'visible';

beforeEach(() => {
  vi.useFakeTimers();
  videos = [];
  canCount = true;
  visibilityState = 'visible';
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('HTMLMediaElement', { HAVE_CURRENT_DATA: 2 });
  vi.stubGlobal('document', {
    get visibilityState() {
      return visibilityState;
    },
    createElement: () => {
      const video = new FakeVideo();
      if (!canCount) Object.setPrototypeOf(video, WITHOUT);
      videos.push(video);
      return video;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const WITHOUT = { play: () => Promise.resolve() };
const incoming = () => new FakeRemoteTrack('video', 'one');
const as = (track: FakeRemoteTrack) => track as unknown as MediaStreamTrack;

function expectDone(): void {
  expect(videos.map(({ srcObject }) => srcObject)).toEqual([null]);
  expect(vi.getTimerCount()).toBe(0);
}

describe('the first frame of a track', () => {
  it('is seen when the next one comes, once, by an element that is silent and goes', () => {
    const seen = vi.fn();
    watchFirstFrame(as(incoming()), seen);
    expect(videos[0]).toMatchObject({ muted: true, playsInline: true });
    expect(seen).not.toHaveBeenCalled();
    videos[0]?.present(10);
    vi.advanceTimersByTime(60);
    expect(seen).not.toHaveBeenCalled();
    videos[0]?.present(70);
    videos[0]?.present(130);
    vi.advanceTimersByTime(1_000);
    expect(seen).toHaveBeenCalledTimes(1);
    expectDone();
  });

  it('is enough when the picture stands still', () => {
    const seen = vi.fn();
    watchFirstFrame(as(incoming()), seen);
    vi.advanceTimersByTime(2_000);
    videos[0]?.present(10);
    vi.advanceTimersByTime(200);
    expect(seen).not.toHaveBeenCalled();
    vi.advanceTimersByTime(150);
    expect(seen).toHaveBeenCalledTimes(1);
    expectDone();
  });

  it.each([true, false])('is noticed where none is presented (can count: %s)', (can) => {
    canCount = can;
    const seen = vi.fn();
    const track = incoming();
    track.muted = true;
    watchFirstFrame(as(track), seen);
    const [video] = videos;
    Object.assign(video ?? {}, { readyState: 4, videoWidth: 160, currentTime: 0.1 });
    vi.advanceTimersByTime(500);
    expect(seen).not.toHaveBeenCalled();
    track.muted = false;
    vi.advanceTimersByTime(350);
    expect(seen).toHaveBeenCalledTimes(1);
    expectDone();
  });

  it('is not waited for where pages are hidden', () => {
    visibilityState = 'hidden';
    const seen = vi.fn();
    const track = incoming();
    track.muted = true;
    watchFirstFrame(as(track), seen);
    vi.advanceTimersByTime(1_000);
    expect(seen).not.toHaveBeenCalled();
    track.muted = false;
    // There, a page looks once a second.
    vi.advanceTimersByTime(50);
    expect(seen).toHaveBeenCalledTimes(1);
    expectDone();
  });

  it('is of no interest any more', () => {
    const seen = vi.fn();
    const stop = watchFirstFrame(as(incoming()), seen);
    stop();
    videos[0]?.present(10);
    videos[0]?.present(70);
    vi.advanceTimersByTime(1_000);
    expect(seen).not.toHaveBeenCalled();
    expectDone();
  });
});

describe('frames', () => {
  it('are told one by one, until one has heard enough', () => {
    const times: number[] = [];
    const stop = countFrames(new MediaStream(), (at) => times.push(at));
    videos[0]?.present(10);
    videos[0]?.present(60);
    stop();
    videos[0]?.present(110);
    expect(times).toEqual([10, 60]);
    expectDone();
  });

  it('are not told where they cannot be', () => {
    canCount = false;
    const presented = vi.fn();
    countFrames(new MediaStream(), presented)();
    expect(presented).not.toHaveBeenCalled();
    expectDone();
  });
});
