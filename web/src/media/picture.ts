/** A cap on what the camera captures, from the address of the page: for engineers and tests. */

import type { Profile } from './ladder';

export interface PictureCap {
  readonly width: number;
  readonly height: number;
  /** Infinity: as many as the call can use. */
  readonly framesPerSecond: number;
}

const FORM = /^(\d{1,4})x(\d{1,4})(?:@(\d{1,3}))?$/i;
const SMALLEST = 16;
const LARGEST = 4096;
const MOST_FRAMES = 120;

/** The cap that an address asks for (`?picture=160x120@15`, the rate may be left out), if any. */
export function pictureFrom(search: string): PictureCap | null {
  const [, width, height, rate] =
    FORM.exec(new URLSearchParams(search).get('picture') ?? '')?.map(Number) ?? [];
  if (!isWithin(width, SMALLEST, LARGEST) || !isWithin(height, SMALLEST, LARGEST)) return null;
  if (rate === undefined || Number.isNaN(rate)) return { width, height, framesPerSecond: Infinity };
  return isWithin(rate, 1, MOST_FRAMES) ? { width, height, framesPerSecond: rate } : null;
}

/** What to capture of a profile under a cap; bitrates and screens stay as they are. */
export function capped(profile: Profile, cap: PictureCap | null): Profile {
  if (!cap) return profile;
  const { camera } = profile;
  return {
    ...profile,
    camera: {
      ...camera,
      width: Math.min(camera.width, cap.width),
      height: Math.min(camera.height, cap.height),
      framesPerSecond: Math.min(camera.framesPerSecond, cap.framesPerSecond),
    },
  };
}

function isWithin(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && value >= least && value <= most;
}
