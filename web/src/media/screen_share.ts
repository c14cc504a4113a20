/** A shared screen, window or tab, with its sound where the browser gives it. */

import { problemOf, type CaptureProblem } from './outcome';
import { sizeOf } from './constraints';
import type { VideoProfile } from './ladder';

export interface SharedScreen {
  readonly video: MediaStreamTrack;
  readonly audio: MediaStreamTrack | null;
}

/** What newer browsers understand besides. */
interface DisplayOptions extends DisplayMediaStreamOptions {
  readonly selfBrowserSurface?: 'include' | 'exclude';
  readonly systemAudio?: 'include' | 'exclude';
}

/** Everybody would see and hear themselves again. */
const NOT_THE_CALL = { selfBrowserSurface: 'exclude', systemAudio: 'exclude' } as const;

/** Asks which screen to share; needs a click just before. Never rejects. */
export async function shareScreen(
  devices: MediaDevices | undefined,
  picture: VideoProfile,
): Promise<SharedScreen | CaptureProblem> {
  if (!devices) return 'insecure';
  if (!canShareScreen(devices)) return 'unsupported';
  try {
    const wish: DisplayOptions = { ...NOT_THE_CALL, video: sizeOf(picture), audio: true };
    const stream = await devices.getDisplayMedia(wish);
    const [video] = stream.getVideoTracks();
    if (!video) return 'failed';
    video.contentHint = 'detail';
    return { video, audio: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    const problem = problemOf(error);
    // Browsers do not tell "closed the picker" from "may not": the first is what happens.
    return problem === 'denied' ? 'dismissed' : problem;
  }
}

export function canShareScreen(devices: MediaDevices | undefined): boolean {
  return typeof devices?.getDisplayMedia === 'function';
}
