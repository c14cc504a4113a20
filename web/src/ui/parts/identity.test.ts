import { describe, expect, it } from 'vitest';

import { colourOf, initials } from './identity';

describe('initials', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['bo', 'B'],
    ['Ingrid van den Berg', 'IB'],
    ['jean-luc', 'JL'],
    ['Ñandú Ó', 'ÑÓ'],
    ['👩‍🚀 Sally', '👩‍🚀S'],
    ['( )', '?'],
    ['', '?'],
  ])('of %j are %j', (name, expected) => {
    expect(initials(name)).toBe(expected);
  });
});

describe('colourOf', () => {
  it('is the same for the same id, and one of eight', () => {
    const ids = Array.from({ length: 100 }, (_, index) => `member-${index}`);
    for (const id of ids) expect(colourOf(id)).toBe(colourOf(id));
    expect(new Set(ids.map(colourOf)).size).toBe(8);
    expect(Math.max(...ids.map(colourOf))).toBe(7);
  });
});
