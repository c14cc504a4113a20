/** The stage's arrangements, built from the grid: everybody alike, or one person large. */

import { TALLEST_RATIO, TILE_RATIO, gridRects, type Rect, type Size } from './grid';

export type StageLayout = 'grid' | 'speaker';

export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

export const CORNERS: readonly Corner[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

/** What the arrangement depends on. Ids are in the order people came; `self` is one of them. */
export interface StageInput {
  readonly container: Size;
  readonly ids: readonly string[];
  readonly self: string | null;
  readonly layout: StageLayout;
  /** Who is large in the speaker layout. */
  readonly speaker: string | null;
  readonly corner: Corner;
}

/** One person's place. `floating`: above the others, in a corner, and draggable. */
export interface Place extends Rect {
  readonly floating: boolean;
}

/** From this many people up, one's own tile leaves the grid for a corner. */
const SELF_FLOATS_FROM = 3;
const GAP = 8;
const MARGIN = 12;

const clamp = (low: number, value: number, high: number): number =>
  Math.min(high, Math.max(low, value));

/** The size of one's own tile in a corner: a sixth of the stage, upright on upright phones. */
export function floatingSize(container: Size): Size {
  if (container.width < 600 && container.height > container.width) {
    const width = clamp(84, container.width * 0.26, 120);
    return { width: Math.round(width), height: Math.round((width * 4) / 3) };
  }
  const width = clamp(136, container.width * 0.17, 264);
  return { width: Math.round(width), height: Math.round(width / TILE_RATIO) };
}

/** Where a floating tile rests in a corner. */
export function cornerRect(container: Size, corner: Corner): Rect {
  const size = floatingSize(container);
  return {
    ...size,
    x: corner.endsWith('left') ? MARGIN : container.width - size.width - MARGIN,
    y: corner.startsWith('top') ? MARGIN : container.height - size.height - MARGIN,
  };
}

/** The corner nearest to where a floating tile was let go. */
export function nearestCorner(container: Size, centre: { x: number; y: number }): Corner {
  const vertical = centre.y < container.height / 2 ? 'top' : 'bottom';
  const horizontal = centre.x < container.width / 2 ? 'left' : 'right';
  return `${vertical}-${horizontal}`;
}

const offset = (rects: readonly Rect[], by: { x: number; y: number }): Rect[] =>
  rects.map((rect) => ({ ...rect, x: rect.x + by.x, y: rect.y + by.y }));

/** One large tile and the others in a strip: beside it where there is width, else below. */
function speakerRects(container: Size, others: number): { main: Rect; strip: Rect[] } {
  if (others === 0) {
    const [main] = gridRects(container, 1, GAP);
    return { main: main ?? { x: 0, y: 0, ...container }, strip: [] };
  }
  const beside = container.width > container.height * 1.2;
  const thickness = beside
    ? clamp(132, container.width * 0.17, 264)
    : // What the large tile cannot use on an upright phone is the others'.
      Math.max(
        clamp(72, container.height * 0.18, 148),
        container.height - GAP - container.width / TALLEST_RATIO,
      );
  const mainSize: Size = beside
    ? { width: container.width - thickness - GAP, height: container.height }
    : { width: container.width, height: container.height - thickness - GAP };
  const stripSize: Size = beside
    ? { width: thickness, height: container.height }
    : { width: container.width, height: thickness };
  const stripAt = beside ? { x: mainSize.width + GAP, y: 0 } : { x: 0, y: mainSize.height + GAP };
  const [main] = gridRects(mainSize, 1, GAP);
  return {
    main: main ?? { x: 0, y: 0, ...mainSize },
    strip: offset(gridRects(stripSize, others, GAP), stripAt),
  };
}

function arrangeSpeaker({ container, ids, self, speaker, corner }: StageInput): Map<string, Place> {
  const places = new Map<string, Place>();
  const others = ids.filter((id) => id !== self);
  const main = ids.find((id) => id === speaker) ?? others[0] ?? ids[0];
  if (main === undefined) return places;
  const floating = ids.length === 2 && self !== null && main !== self;
  const small = ids.filter((id) => id !== main && !(floating && id === self));
  const rects = speakerRects(container, small.length);
  places.set(main, { ...rects.main, floating: false });
  small.forEach((id, index) => {
    const rect = rects.strip[index];
    if (rect) places.set(id, { ...rect, floating: false });
  });
  if (floating) places.set(self, { ...cornerRect(container, corner), floating: true });
  return places;
}

function arrangeGrid({ container, ids, self, corner }: StageInput): Map<string, Place> {
  const places = new Map<string, Place>();
  const floating = self !== null && ids.includes(self) && ids.length >= SELF_FLOATS_FROM;
  const inGrid = floating ? ids.filter((id) => id !== self) : ids;
  const rects = gridRects(container, inGrid.length, GAP);
  inGrid.forEach((id, index) => {
    const rect = rects[index];
    if (rect) places.set(id, { ...rect, floating: false });
  });
  if (floating) places.set(self, { ...cornerRect(container, corner), floating: true });
  return places;
}

/** Everybody's place on the stage. */
export function arrange(input: StageInput): Map<string, Place> {
  return input.layout === 'speaker' ? arrangeSpeaker(input) : arrangeGrid(input);
}
