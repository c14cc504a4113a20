/** Where tiles go: pure functions from a container and a number of tiles to rectangles. */

/** A size in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A place in the container, in CSS pixels from its upper left corner. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** How many rows and columns, and how large each tile is. */
export interface Grid extends Size {
  readonly rows: number;
  readonly columns: number;
}

/** Width by height of an undistorted camera picture. */
export const TILE_RATIO = 16 / 9;

/** The tallest a tile may be in an upright container: a phone held as one holds phones. */
export const TALLEST_RATIO = 4 / 5;

const cell = (whole: number, parts: number, gap: number): number =>
  Math.max(0, (whole - gap * (parts - 1)) / parts);

/** Where tiles go. `tallest`: how tall a tile may be, as width by height; see `bestGrid`. */
export interface Field extends Size {
  readonly tallest?: number;
}

const tallestIn = ({ width, height, tallest }: Field): number =>
  tallest ?? (height > width ? TALLEST_RATIO : TILE_RATIO);

function gridWith(container: Field, count: number, columns: number, gap: number): Grid {
  const rows = Math.ceil(count / columns);
  const room = {
    width: cell(container.width, columns, gap),
    height: cell(container.height, rows, gap),
  };
  const width = Math.min(room.width, room.height * TILE_RATIO);
  return { rows, columns, width, height: Math.min(room.height, width / tallestIn(container)) };
}

/**
 * The rows and columns that give the largest 16:9 tile; of equals, the one with fewer columns.
 *
 * In an upright container tiles may be taller than that, down to 4:5, so that a phone shows
 * faces and not a black page, unless `tallest` says otherwise.
 */
export function bestGrid(container: Field, count: number, gap: number): Grid {
  const area = (grid: Grid) => grid.width * grid.height;
  let best = gridWith(container, count, 1, gap);
  for (let columns = 2; columns <= count; columns += 1) {
    const next = gridWith(container, count, columns, gap);
    if (area(next) > area(best) + 1) best = next;
  }
  return best;
}

/** The rectangles of `count` tiles in the best grid: centred, the last row too, whole pixels. */
export function gridRects(container: Field, count: number, gap: number): Rect[] {
  if (count === 0) return [];
  const grid = bestGrid(container, count, gap);
  const width = Math.floor(grid.width);
  const height = Math.floor(grid.height);
  const top = (container.height - grid.rows * height - (grid.rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / grid.columns);
    const inRow = Math.min(grid.columns, count - row * grid.columns);
    const left = (container.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      x: Math.round(left + (index - row * grid.columns) * (width + gap)),
      y: Math.round(top + row * (height + gap)),
      width,
      height,
    };
  });
}

/** How small a tile may become, and how many there may be at most. */
export interface Bounds {
  readonly least: Size;
  readonly most: number;
}

/** How many tiles fit before they become too small; one always does. */
export function capacity(container: Field, gap: number, { least, most }: Bounds): number {
  for (let count = most; count > 1; count -= 1) {
    const { width, height } = bestGrid(container, count, gap);
    if (width >= least.width && height >= least.height) return count;
  }
  return 1;
}
