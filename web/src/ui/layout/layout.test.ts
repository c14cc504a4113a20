import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { TILE_RATIO, bestGrid, gridRects, type Rect, type Size } from './grid';
import { arrange, cornerRect, nearestCorner, type StageInput } from './stage';

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

describe('arrange', () => {
  const input = (ids: string[], more: Partial<StageInput> = {}): StageInput => ({
    container: WIDE,
    ids,
    self: 'me',
    layout: 'grid',
    speaker: null,
    corner: 'bottom-right',
    ...more,
  });

  it('shows two people side by side', () => {
    const places = arrange(input(['me', 'ada']));
    expect(places.get('me')).toMatchObject({ floating: false });
    expect(places.get('me')?.width).toBe(places.get('ada')?.width);
  });

  it('moves one’s own tile into a corner from three people up', () => {
    const places = arrange(input(['me', 'ada', 'bob']));
    expect(places.get('me')).toEqual({ ...cornerRect(WIDE, 'bottom-right'), floating: true });
    expect(places.get('ada')?.floating).toBe(false);
  });

  it('gives the speaker the largest tile and everybody a place', () => {
    const ids = ['me', 'ada', 'bob', 'cleo', 'dan'];
    const places = arrange(input(ids, { layout: 'speaker', speaker: 'cleo' }));
    expect([...places.keys()].sort()).toEqual([...ids].sort());
    for (const id of ids.filter((other) => other !== 'cleo')) {
      expect(places.get('cleo')!.width).toBeGreaterThan(places.get(id)!.width);
    }
  });

  it('gives the others on an upright phone what the speaker leaves', () => {
    const ids = ['me', ...Array.from({ length: 11 }, (_, index) => `p${index}`)];
    const places = arrange(input(ids, { container: PHONE, layout: 'speaker', speaker: 'p0' }));
    const lowest = Math.min(...ids.map((id) => places.get(id)!.y));
    expect(lowest).toBe(0);
    expect(places.get('p1')!.height).toBeGreaterThanOrEqual(48);
  });

  it('keeps everybody inside the stage in every layout', () => {
    const layouts = fc.constantFrom('grid' as const, 'speaker' as const);
    fc.assert(
      fc.property(sizes, counts, layouts, (container, count, layout) => {
        const ids = ['me', ...Array.from({ length: count }, (_, index) => `p${index}`)];
        const places = arrange(input(ids, { container, layout, speaker: 'p0' }));
        expect(places.size).toBe(ids.length);
        for (const place of places.values()) expect(inside(place, container)).toBe(true);
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
