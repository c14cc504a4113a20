/** Whose picture is to be better where our network does not carry them all. */

import type { StreamSource } from '../session/streams';

/** What a screen shows has to be read, and is what the others talk about. */
const SCREEN = 192;
/** Classes of cameras, by the least height in device pixels: few, so that little has to be told. */
const CAMERAS: readonly (readonly [height: number, priority: number])[] = [
  [649, 160],
  [433, 128],
  [217, 96],
];
const SMALL = 64;

/** A picture's priority, 0 to 255. `shownHeight` undefined: nobody has said. */
export function priorityOf(source: StreamSource, shownHeight: number | undefined): number {
  if (source === 'screen') return SCREEN;
  const large = CAMERAS.find(([height]) => (shownHeight ?? 0) >= height);
  return large?.[1] ?? SMALL;
}
