import { describe, expect, it } from 'vitest';

import { HandNews } from './hand_news';

const NOON = 1_900_000_000_000;

describe('a hand that is up', () => {
  it('is news when it goes up', () => {
    const news = new HandNews();
    expect(news.hear('b', null, NOON)).toBe(false);
    // Its owner's clock may be wrong.
    expect(news.hear('b', NOON - 3_600_000, NOON)).toBe(true);
    expect(news.hear('b', NOON - 3_600_000, NOON + 1)).toBe(false);
  });

  it('is none when it was up before we came', () => {
    const news = new HandNews();
    expect(news.hear('b', NOON - 60_000, NOON)).toBe(false);
    expect(news.hear('c', NOON - 100, NOON)).toBe(true);
  });

  it('is none when it goes up and down all the time', () => {
    const news = new HandNews();
    const heard = [0, 2_000, 4_000, 12_000].map((at) => {
      news.hear('b', null, NOON + at);
      return news.hear('b', NOON + at, NOON + at);
    });
    expect(heard).toEqual([true, false, false, true]);
  });
});
