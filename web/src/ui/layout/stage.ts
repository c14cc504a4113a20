/**
 * The stage's arrangements: everybody alike, or one tile large and the others in a strip.
 *
 * First its `shape`, which says how many tiles there are places for; then who sits where (`seats`);
 * then everybody's place (`arrange`).
 */

import type { StageLayout } from '../../store';
import {
  TALLEST_RATIO,
  TILE_RATIO,
  capacity,
  gridRects,
  type Field,
  type Rect,
  type Size,
} from './grid';

/**
 * - `grid`: everybody alike, page by page
 * - `speaker`: one large, the others in a strip, page by page
 * - `stage`: one large, and the few who spoke last
 *
 * A shared screen, or whoever is pinned, is large in all of them.
 */
export const LAYOUTS: readonly StageLayout[] = ['grid', 'speaker', 'stage'];

export type Corner = 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';

export const CORNERS: readonly Corner[] = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

/** What the stage's shape depends on. */
export interface ShapeInput {
  readonly container: Size;
  readonly layout: StageLayout;
  /** Whether one tile is large. */
  readonly hasLarge: boolean;
  /** How many tiles there are besides the large one and our own. */
  readonly others: number;
  /** Whether there is a tile of our own. */
  readonly hasSelf: boolean;
}

type Area = Rect & Field;

export interface Shape {
  readonly container: Size;
  /** Where the large tile goes; null: all are alike. */
  readonly large: Area | null;
  /** Where the others go. */
  readonly rest: Area;
  /** Our own tile is above the others, in a corner. */
  readonly selfFloats: boolean;
  /** How many others one page holds. */
  readonly seats: number;
  readonly pages: number;
  /** Where one turns pages; null: there is one page only, or no others than are shown. */
  readonly pager: Rect | null;
}

/** Who goes into a shape. */
export interface Cast {
  /** Who is large, where one is. */
  readonly large: string | null;
  /** The tiles besides the large one and our own, as they are seated. */
  readonly others: readonly string[];
  readonly self: string | null;
  readonly corner: Corner;
  /** From 0. */
  readonly page: number;
}

/** One tile's place. `floating`: above the others, in a corner, and draggable. */
export interface Place extends Rect {
  readonly floating: boolean;
  /** Whether its picture is looked at closely: one of few, or the large one. */
  readonly close: boolean;
}

/** From this many people up, one's own tile leaves the grid for a corner. */
const SELF_FLOATS_FROM = 3;
const GAP = 8;
const MARGIN = 12;
/** What turning pages takes of one side: buttons that fingers hit. */
const PAGER = 44;
/** Up to so many tiles alike, each is looked at closely. */
const FEW = 4;
/** Who is shown beside the large tile of the `stage` layout, besides ourselves. */
const LAST_HEARD = 3;
/** No face can be read in less. */
const LEAST: Size = { width: 140, height: 72 };
const LEAST_IN_STRIP: Size = { width: 104, height: 64 };

const clamp = (low: number, value: number, high: number): number =>
  Math.min(high, Math.max(low, value));

const isUpright = ({ width, height }: Size): boolean => height > width;

/** How many tiles a page may have: what a device of this size decodes with ease. */
function most(container: Size): number {
  if (isUpright(container) && container.width < 600) return 8;
  return container.width * container.height >= 700_000 ? 16 : 12;
}

/** The size of one's own tile in a corner: a sixth of the stage, upright on upright phones. */
export function floatingSize(container: Size): Size {
  if (container.width < 600 && isUpright(container)) {
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

/** Takes the pager's side off a rectangle: the right one, or the lower one. */
function withPager(rect: Area, atRight: boolean): { rest: Area; pager: Rect } {
  if (atRight) {
    const width = Math.max(0, rect.width - PAGER - GAP);
    return {
      rest: { ...rect, width },
      pager: { ...rect, x: rect.x + width + GAP, width: PAGER },
    };
  }
  const height = Math.max(0, rect.height - PAGER - GAP);
  return {
    rest: { ...rect, height },
    pager: { ...rect, y: rect.y + height + GAP, height: PAGER },
  };
}

interface Split {
  readonly large: Area;
  readonly strip: Area;
  readonly beside: boolean;
}

/** One large tile and a strip: beside it where there is width, else below. */
function split(container: Size, layout: StageLayout): Split {
  const { width, height } = container;
  const beside = width > height * 1.2;
  const few = layout === 'stage';
  if (beside) {
    const thickness = few ? clamp(120, width * 0.13, 200) : clamp(132, width * 0.17, 264);
    const rest = width - thickness - GAP;
    return {
      beside,
      large: { x: 0, y: 0, width: rest, height, tallest: TILE_RATIO },
      strip: { x: rest + GAP, y: 0, width: thickness, height, tallest: TILE_RATIO },
    };
  }
  // What the large tile cannot use on an upright phone is the others'.
  const spare = height - GAP - width / TALLEST_RATIO;
  const thickness = Math.max(
    few ? clamp(72, height * 0.16, 160) : clamp(72, height * 0.24, 260),
    spare,
  );
  const rest = height - thickness - GAP;
  return {
    beside,
    large: { x: 0, y: 0, width, height: rest, tallest: TALLEST_RATIO },
    strip: { x: 0, y: rest + GAP, width, height: thickness, tallest: TILE_RATIO },
  };
}

/** What the stage looks like for so many tiles. */
export function shapeOf(input: ShapeInput): Shape {
  return input.hasLarge ? withLarge(input) : alike(input);
}

function alike({ container, others, hasSelf }: ShapeInput): Shape {
  const selfFloats = hasSelf && others + 1 >= SELF_FLOATS_FROM;
  const whole: Rect = { x: 0, y: 0, ...container };
  const inGrid = selfFloats || !hasSelf ? others : others + 1;
  const bounds = { least: LEAST, most: most(container) };
  const common = { container, large: null, selfFloats };
  if (inGrid <= capacity(whole, GAP, bounds)) {
    return { ...common, rest: whole, seats: others, pages: 1, pager: null };
  }
  const { rest, pager } = withPager(whole, container.height < 420);
  const seats = capacity(rest, GAP, bounds);
  return { ...common, rest, seats, pages: Math.ceil(others / seats), pager };
}

function withLarge({ container, layout, others, hasSelf }: ShapeInput): Shape {
  const whole: Rect = { x: 0, y: 0, ...container };
  // With one other person, that one has all of it.
  const selfFloats = hasSelf && others === 0;
  const own = hasSelf && !selfFloats ? 1 : 0;
  if (others + own === 0) {
    return { container, large: whole, rest: whole, selfFloats, seats: 0, pages: 1, pager: null };
  }
  const { large, strip, beside } = split(container, layout);
  const least = beside ? { ...LEAST_IN_STRIP, width: strip.width * 0.6 } : LEAST_IN_STRIP;
  const bounds = { least, most: most(container) };
  const common = { container, large, selfFloats };
  const fitting = Math.max(1, capacity(strip, GAP, bounds) - own);
  if (layout === 'stage' || others <= fitting) {
    const seats = Math.min(others, layout === 'stage' ? Math.min(fitting, LAST_HEARD) : fitting);
    return { ...common, rest: strip, seats, pages: 1, pager: null };
  }
  const { rest, pager } = withPager(strip, !beside);
  const seats = Math.max(1, capacity(rest, GAP, bounds) - own);
  return { ...common, rest, seats, pages: Math.ceil(others / seats), pager };
}

/** The tiles on one page. */
export function onPage(shape: Shape, { others, page }: Pick<Cast, 'others' | 'page'>): string[] {
  const first = Math.min(page, shape.pages - 1) * shape.seats;
  return others.slice(first, first + shape.seats);
}

/** The places of everybody who is shown. */
export function arrange(shape: Shape, cast: Cast): Map<string, Place> {
  const { container, selfFloats, rest } = shape;
  const { large, self, corner } = cast;
  const places = new Map<string, Place>();
  if (shape.large && large !== null) {
    const [rect] = gridRects(shape.large, 1, GAP);
    if (rect) places.set(large, { ...rect, floating: false, close: true });
  }
  const shown = onPage(shape, cast);
  const small = self === null || selfFloats ? shown : [...shown, self];
  const rects = offset(gridRects(rest, small.length, GAP), rest);
  const close = shape.large === null && small.length <= FEW;
  small.forEach((id, index) => {
    const rect = rects[index];
    if (rect) places.set(id, { ...rect, floating: false, close });
  });
  if (selfFloats && self !== null) {
    places.set(self, { ...cornerRect(container, corner), floating: true, close: false });
  }
  return places;
}
