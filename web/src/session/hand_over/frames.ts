/** What is known of pictures as they are presented, frame by frame. */

/**
 * Calls `seen` once, when a track has a decoded picture, and the next one after it if that comes
 * soon; returns how to stop.
 */
export type FrameWatcher = (track: MediaStreamTrack, seen: () => void) => () => void;

/**
 * Calls `presented` for every frame of a stream, with the time in milliseconds at which it was
 * shown; returns how to stop. A page that is hidden is shown nothing.
 */
export type FrameClock = (stream: MediaStream, presented: (at: number) => void) => () => void;

const POLL_MS = 50;
/**
 * The frame after the first is late now and then, until the jitter buffer knows the way: of 22
 * changes at the first frame three stood still for more than 50 ms longer than usual, of 24 at a
 * later one two, and none so long.
 */
const STEADY_FRAMES = 2;
/** A picture that stands still has no second frame. */
const STILL_MS = 300;

/** Watches with an element that nobody sees. */
export const watchFirstFrame: FrameWatcher = (track, seen) => {
  const video = screening(new MediaStream([track]));
  let isOver = false;
  let presented = 0;
  let since: number | null = null;
  const stop = () => {
    isOver = true;
    clearInterval(polling);
    video.srcObject = null;
  };
  const finish = () => {
    if (isOver) return;
    stop();
    seen();
  };
  const next = () => {
    presented += 1;
    if (presented >= STEADY_FRAMES) finish();
    else video.requestVideoFrameCallback(next);
  };
  // Where pages are hidden no frame is ever presented, and a second passes between two looks.
  const polling = setInterval(() => {
    const now = performance.now();
    if (presented > 0 || (!track.muted && hasPlayed(video))) since ??= now;
    if (isUnseen(track) || (since !== null && now - since >= STILL_MS)) finish();
  }, POLL_MS);
  if (canCount(video)) video.requestVideoFrameCallback(next);
  return stop;
};

export const countFrames: FrameClock = (stream, presented) => {
  const video = screening(stream);
  if (!canCount(video)) {
    video.srcObject = null;
    return () => undefined;
  }
  let handle = 0;
  const next = (_now: number, { presentationTime }: VideoFrameCallbackMetadata) => {
    handle = video.requestVideoFrameCallback(next);
    presented(presentationTime);
  };
  handle = video.requestVideoFrameCallback(next);
  return () => {
    video.cancelVideoFrameCallback(handle);
    video.srcObject = null;
  };
};

function screening(stream: MediaStream): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  video.srcObject = stream;
  // Refused only where it is interrupted, which is what we do when we have seen enough.
  video.play().catch(() => undefined);
  return video;
}

function hasPlayed({ readyState, currentTime, videoWidth }: HTMLVideoElement): boolean {
  return readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && (currentTime > 0 || videoWidth > 0);
}

/** Frames come, and nobody can see when the first one is shown. */
function isUnseen(track: MediaStreamTrack): boolean {
  return document.visibilityState === 'hidden' && !track.muted;
}

function canCount(video: HTMLVideoElement): boolean {
  return 'requestVideoFrameCallback' in video;
}
