import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ViewRegistry } from './views';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function world() {
  const views = new ViewRegistry();
  const told: [string, number][] = [];
  views.subscribe((memberId, _source, height) => told.push([memberId, height]));
  return { views, told };
}

describe('what is looked at', () => {
  it('is told at once when it shows, and later when it hides', () => {
    const { views, told } = world();
    const tile = {};
    views.report(tile, 'b', 'camera', 200);
    views.report(tile, 'b', 'camera', 0);
    expect(told).toEqual([['b', 200]]);
    vi.advanceTimersByTime(1_500);
    expect(told).toEqual([
      ['b', 200],
      ['b', 0],
    ]);
    views.report(tile, 'b', 'camera', 90);
    expect(told.at(-1)).toEqual(['b', 90]);
  });

  it('is not told of a tile that only flickers, or is put elsewhere', () => {
    const { views, told } = world();
    const [one, other] = [{}, {}];
    views.report(one, 'b', 'camera', 200);
    views.report(one, 'b', 'camera', 0);
    vi.advanceTimersByTime(300);
    views.report(one, 'b', 'camera', 200);
    views.retract(one);
    views.report(other, 'b', 'camera', 200);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([['b', 200]]);
  });

  it('is as large as where it is shown largest', () => {
    const { views, told } = world();
    views.report({}, 'b', 'camera', 200);
    const large = {};
    views.report(large, 'b', 'camera', 700);
    views.retract(large);
    vi.advanceTimersByTime(1_500);
    expect(told.map(([, height]) => height)).toEqual([200, 700, 200]);
  });

  it('is nothing while the page is hidden', () => {
    const { views, told } = world();
    views.report({}, 'b', 'camera', 200);
    views.setPageVisible(false);
    vi.advanceTimersByTime(1_000);
    views.setPageVisible(true);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([['b', 200]]);
    views.setPageVisible(false);
    vi.advanceTimersByTime(5_000);
    expect(told.at(-1)).toEqual(['b', 0]);
    views.setPageVisible(true);
    expect(told.at(-1)).toEqual(['b', 200]);
  });

  it('is told at once of whom nobody looks at from the start', () => {
    const { views, told } = world();
    const unseen = {};
    views.report(unseen, 'b', 'camera', 0);
    expect(told).toEqual([['b', 0]]);
    views.report({}, 'b', 'camera', 200);
    views.retract(unseen);
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([
      ['b', 0],
      ['b', 200],
    ]);
  });

  it('is told to those who come later', () => {
    const { views } = world();
    views.report({}, 'b', 'camera', 200);
    views.report({}, 'c', 'screen', 300);
    const late = vi.fn();
    views.replay(late);
    expect(late.mock.calls).toEqual([
      ['b', 'camera', 200],
      ['c', 'screen', 300],
    ]);
  });
});
