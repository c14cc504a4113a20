/**
 * How good a picture a call can afford. In a mesh everybody sends to everybody, so that what one
 * sends grows with the number of others, while each of them shows it smaller. To a server that
 * forwards, one sends once, in several sizes, and everybody gets the one that fits.
 */

export interface VideoProfile {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  /** Per receiver, bits per second. */
  readonly maxBitrate: number;
}

export interface Profile {
  readonly camera: VideoProfile;
  readonly screen: VideoProfile;
  /** Opus, per receiver, bits per second. */
  readonly audioBitrate: number;
}

type Step = readonly [width: number, height: number, framesPerSecond: number, kbps: number];

/** By the number of others: [camera, screen, audio kbit/s]; beyond the last step it stays. */
const STEPS: readonly (readonly [camera: Step, screen: Step, audio: number])[] = [
  [[1280, 720, 30, 2000], [1920, 1080, 30, 3000], 48],
  [[1280, 720, 30, 2000], [1920, 1080, 30, 3000], 48],
  [[960, 540, 30, 1200], [1920, 1080, 15, 2000], 40],
  [[640, 360, 30, 700], [1920, 1080, 15, 1500], 40],
  [[640, 360, 24, 500], [1600, 900, 10, 1000], 32],
  [[480, 270, 20, 350], [1600, 900, 10, 800], 32],
  [[480, 270, 15, 250], [1280, 720, 8, 600], 24],
  [[320, 180, 15, 150], [1280, 720, 5, 500], 24],
];

/** What to capture and send when there are `others` besides us. */
export function profileFor(others: number): Profile {
  const index = Math.min(Math.max(Math.trunc(others) || 0, 0), STEPS.length - 1);
  const [camera, screen, audio] = STEPS[index] ?? LOWEST;
  return { camera: toProfile(camera), screen: toProfile(screen), audioBitrate: audio * 1000 };
}

const LOWEST: (typeof STEPS)[number] = [[320, 180, 15, 150], [1280, 720, 5, 500], 24];

/** What to capture and send where a server forwards it, however many there are. */
export const FORWARDED: Profile = {
  camera: toProfile([1280, 720, 30, 1500]),
  screen: toProfile([1920, 1080, 15, 2500]),
  audioBitrate: 40_000,
};

/** One of several sizes in which the same picture is sent. */
export interface Layer {
  readonly scaleResolutionDownBy: number;
  /** Bits per second. */
  readonly maxBitrate: number;
}

/** As many as a picture may be sent in. */
export const MOST_SIZES = 3;

/**
 * From as many pixels up a picture is worth two sizes, or three. Chromium sees it the same way, and
 * of more it would leave out the largest (libwebrtc, `LimitSimulcastLayerCount`).
 */
const WORTH_TWO = 480 * 270;
const WORTH_THREE = 960 * 540;

/** What is known of a picture's size, as a track's settings tell it. */
export interface PictureSize {
  readonly width?: number;
  readonly height?: number;
}

/** The sizes to send of a camera's picture, smallest first, `MOST_SIZES` at most. */
export function layersFor(size: PictureSize = {}): Layer[] {
  const { width, height } = completed(size);
  const pixels = width * height;
  const scales = pixels >= WORTH_THREE ? [4, 2, 1] : pixels >= WORTH_TWO ? [2, 1] : [1];
  // Held upright, a picture costs what it costs lying.
  const lines = Math.min(width, height);
  return scales.map((scale) => ({
    scaleResolutionDownBy: scale,
    maxBitrate: Math.min(FORWARDED.camera.maxBitrate, bitrateOf(lines / scale)),
  }));
}

function completed({ width, height }: PictureSize): Required<PictureSize> {
  const { camera } = FORWARDED;
  if (height === undefined) return camera;
  return { height, width: width ?? (height * camera.width) / camera.height };
}

/** Which of a camera's sizes, counted from the smallest, suits a picture shown so high. */
export function layerFor(shownHeight: number): number {
  if (shownHeight <= 216) return 0;
  return shownHeight <= 432 ? 1 : 2;
}

/** What the ladder spends on a picture of so many lines. */
function bitrateOf(lines: number): number {
  const tall = STEPS.filter(([[, height]]) => height >= lines).at(-1) ?? STEPS[0];
  const fit = STEPS.find(([[, height]]) => height === tall?.[0][1]) ?? STEPS[0];
  return (fit?.[0][3] ?? 0) * 1000;
}

/** By how much a sender scales a picture of `height` lines down to fit the profile. */
export function scaleDown(height: number | undefined, profile: VideoProfile): number {
  return height === undefined ? 1 : Math.max(1, height / profile.height);
}

function toProfile([width, height, framesPerSecond, kbps]: Step): VideoProfile {
  return { width, height, framesPerSecond, maxBitrate: kbps * 1000 };
}
