import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TILE_RATIO, bestGrid, capacity, gridRects, type Rect, type Size } from './grid';
import {
  arrange,
  cornerRect,
  nearestCorner,
  onPage,
  shapeOf,
  LAYOUTS,
  type Place,
  type ShapeInput,
} from './stage';

const WIDE: Size = { width: 1440, height: 760 };
const PHONE: Size = { width: 366, height: 640 };

const sizes = fc.record({
  width: fc.integer({ min: 280, max: 2560 }),
  height: fc.integer({ min: 200, max: 1440 }),
});
const counts = fc.integer({ min: 1, max: 49 });

const inside = (rect: Rect, container: Size): boolean =>
  rect.x >= -1 &&
  rect.y >= -1 &&
  rect.x + rect.width <= container.width + 1 &&
  rect.y + rect.height <= container.height + 1;

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('bestGrid', () => {
  it.each([
    [1, 1, 1],
    [2, 1, 2],
    [3, 2, 2],
    [4, 2, 2],
    [5, 2, 3],
    [6, 2, 3],
    [9, 3, 3],
    [12, 3, 4],
  ])('puts %i tiles on a wide stage into %i × %i', (count, rows, columns) => {
    expect(bestGrid(WIDE, count, 8)).toMatchObject({ rows, columns });
  });

  it('stacks two people on an upright phone and lets the tiles grow taller', () => {
    const grid = bestGrid(PHONE, 2, 8);
    expect(grid).toMatchObject({ rows: 2, columns: 1 });
    expect(grid.height).toBeGreaterThan(grid.width / TILE_RATIO);
  });

  it('puts five people on an upright phone into two columns', () => {
    expect(bestGrid(PHONE, 5, 8)).toMatchObject({ rows: 3, columns: 2 });
  });

  it('finds no smaller tile than any other number of columns gives, on any wide stage', () => {
    fc.assert(
      fc.property(sizes, counts, (container, count) => {
        fc.pre(container.width >= container.height);
        const best = bestGrid(container, count, 8).width;
        for (let columns = 1; columns <= count; columns += 1) {
          const rows = Math.ceil(count / columns);
          const width = (container.width - 8 * (columns - 1)) / columns;
          const height = (container.height - 8 * (rows - 1)) / rows;
          expect(best).toBeGreaterThanOrEqual(Math.min(width, height * TILE_RATIO) - 1);
        }
      }),
    );
  });

  it('never stretches a tile beyond 4:5, nor flattens it below 16:9', () => {
    fc.assert(
      fc.property(sizes, counts, (container, count) => {
        const { width, height } = bestGrid(container, count, 8);
        fc.pre(width > 1);
        expect(width / height).toBeLessThanOrEqual(TILE_RATIO + 0.01);
        expect(width / height).toBeGreaterThanOrEqual(0.79);
      }),
    );
  });
});

describe('gridRects', () => {
  it('keeps every tile inside the stage and off every other', () => {
    fc.assert(
      fc.property(sizes, counts, (container, count) => {
        const rects = gridRects(container, count, 8);
        expect(rects).toHaveLength(count);
        rects.forEach((rect, index) => {
          expect(inside(rect, container)).toBe(true);
          expect(rects.slice(index + 1).some((other) => overlap(rect, other))).toBe(false);
        });
      }),
    );
  });

  it('centres the last row', () => {
    const rects = gridRects(WIDE, 5, 8);
    const [fourth, fifth] = rects.slice(3);
    const left = fourth!.x;
    const right = WIDE.width - (fifth!.x + fifth!.width);
    expect(Math.abs(left - right)).toBeLessThanOrEqual(1);
  });

  it('has nothing to place for nobody', () => {
    expect(gridRects(WIDE, 0, 8)).toEqual([]);
  });
});

describe('capacity', () => {
  it('is the most tiles that are not too small', () => {
    fc.assert(
      fc.property(sizes, (container) => {
        const bounds = { least: { width: 140, height: 72 }, most: 16 };
        const count = capacity(container, 8, bounds);
        const fits = (tiles: number) => {
          const { width, height } = bestGrid(container, tiles, 8);
          return width >= 140 && height >= 72;
        };
        expect(count === 1 || fits(count)).toBe(true);
        for (let more = count + 1; more <= 16; more += 1) expect(fits(more)).toBe(false);
      }),
    );
  });
});

const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);

/** A stage with ourselves and these others; the first of them is large where one is. */
function stage(count: number, parts: Partial<ShapeInput> & { page?: number } = {}) {
  const { container = WIDE, layout = 'grid', hasLarge = layout !== 'grid', page = 0 } = parts;
  const all = names(count);
  const others = hasLarge ? all.slice(1) : all;
  const shape = shapeOf({ container, layout, hasLarge, others: others.length, hasSelf: true });
  const large = hasLarge ? (all[0] ?? null) : null;
  const cast = { large, others, self: 'me', corner: 'bottom-right', page } as const;
  return { shape, places: arrange(shape, cast), shown: onPage(shape, cast), others };
}

describe('the grid', () => {
  it('shows two people side by side', () => {
    const { places } = stage(1);
    expect(places.get('me')).toMatchObject({ floating: false, close: true });
    expect(places.get('me')?.width).toBe(places.get('p0')?.width);
  });

  it('moves one’s own tile into a corner from three people up', () => {
    const { places } = stage(2);
    expect(places.get('me')).toMatchObject({ ...cornerRect(WIDE, 'bottom-right'), floating: true });
    expect(places.get('p0')?.floating).toBe(false);
  });

  it.each([
    ['a desk', WIDE, [16, 8]],
    ['an upright phone', PHONE, [8, 8, 8]],
    ['a phone that lies', { width: 750, height: 330 }, [12, 12]],
  ])('puts 24 others on pages on %s', (_device, container, pages) => {
    expect(stage(24, { container }).shape.pages).toBe(pages.length);
    pages.forEach((count, page) => {
      expect(stage(24, { container, page }).shown).toHaveLength(count);
    });
  });

  it('asks for no more than is seen of many', () => {
    expect([...stage(9).places.values()].every(({ close }) => !close)).toBe(true);
  });
});

describe('the speaker layout', () => {
  it('gives one the largest tile and all who fit a place', () => {
    const { places } = stage(4, { layout: 'speaker' });
    expect([...places.keys()].sort()).toEqual(['me', 'p0', 'p1', 'p2', 'p3']);
    for (const id of ['me', 'p1', 'p2', 'p3']) {
      expect(places.get('p0')!.width).toBeGreaterThan(places.get(id)!.width);
    }
  });

  it('gives the others on an upright phone what the large tile leaves', () => {
    const { places, shape } = stage(11, { container: PHONE, layout: 'speaker' });
    expect(Math.min(...[...places.values()].map(({ y }) => y))).toBe(0);
    expect(places.get('p1')!.height).toBeGreaterThanOrEqual(60);
    expect(shape.pages).toBeGreaterThan(1);
  });

  it('keeps oneself on every page of the strip', () => {
    const { pages } = stage(24, { layout: 'speaker' }).shape;
    expect(pages).toBeGreaterThan(1);
    for (let page = 0; page < pages; page += 1) {
      expect(stage(24, { layout: 'speaker', page }).places.has('me')).toBe(true);
    }
  });

  it('leaves one’s own tile in a corner with one other person', () => {
    const { places } = stage(1, { layout: 'speaker' });
    expect(places.get('me')?.floating).toBe(true);
    expect(places.get('p0')!.height).toBe(WIDE.height);
  });
});

describe('the stage layout', () => {
  it('shows the large one, three more, and oneself, however many there are', () => {
    const { places, shape } = stage(24, { layout: 'stage' });
    expect([...places.keys()].sort()).toEqual(['me', 'p0', 'p1', 'p2', 'p3']);
    expect(shape.pager).toBeNull();
    expect(places.get('p0')!.width).toBeGreaterThan(
      stage(24, { layout: 'speaker' }).places.get('p0')!.width,
    );
  });
});

describe('the strip of a phone that lies', () => {
  it('has a place for each of those who spoke last', () => {
    const container = { width: 752, height: 330 };
    expect(stage(24, { container, layout: 'stage' }).shape.seats).toBe(3);
  });
});

describe('every layout', () => {
  const layouts = fc.constantFrom(...LAYOUTS);

  it('keeps everything inside the stage and nothing under anything else', () => {
    fc.assert(
      fc.property(sizes, counts, layouts, (container, count, layout) => {
        const { shape, places } = stage(count, { container, layout });
        const resting = [...places.values()].filter(({ floating }) => !floating);
        const rects: (Place | Rect)[] = [...resting, ...(shape.pager ? [shape.pager] : [])];
        for (const rect of [...places.values(), ...rects]) {
          expect(inside(rect, container)).toBe(true);
        }
        rects.forEach((rect, index) => {
          expect(rects.slice(index + 1).some((other) => overlap(rect, other))).toBe(false);
        });
      }),
    );
  });

  it('shows everybody once on all its pages together', () => {
    fc.assert(
      fc.property(sizes, counts, fc.constantFrom('grid', 'speaker'), (container, count, layout) => {
        const { shape, others } = stage(count, { container, layout });
        const pages = Array.from({ length: shape.pages }, (_, page) => page);
        const shown = pages.flatMap((page) => stage(count, { container, layout, page }).shown);
        expect(shown).toEqual(others);
      }),
    );
  });
});

describe('nearestCorner', () => {
  it('names the quarter a point lies in', () => {
    expect(nearestCorner(WIDE, { x: 10, y: 10 })).toBe('top-left');
    expect(nearestCorner(WIDE, { x: 1400, y: 10 })).toBe('top-right');
    expect(nearestCorner(WIDE, { x: 10, y: 700 })).toBe('bottom-left');
    expect(nearestCorner(WIDE, { x: 1400, y: 700 })).toBe('bottom-right');
  });
});
