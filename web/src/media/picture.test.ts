import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FORWARDED, profileFor } from './ladder';
import { capped, pictureFrom } from './picture';

describe('the picture in an address', () => {
  it.each([
    ['?picture=160x120@15', { width: 160, height: 120, framesPerSecond: 15 }],
    ['?codec=vp9&picture=320X180', { width: 320, height: 180, framesPerSecond: Infinity }],
    ['?picture=16x16@1', { width: 16, height: 16, framesPerSecond: 1 }],
  ])('%j is a cap', (search, cap) => {
    expect(pictureFrom(search)).toEqual(cap);
  });

  it.each([
    '',
    '?picture=',
    '?picture=small',
    '?picture=160',
    '?picture=160x',
    '?picture=8x120@15',
    '?picture=160x9000',
    '?picture=160x120@0',
    '?picture=160x120@121',
    '?picture=-160x120',
    '?picture=160x120@15@15',
  ])('%j is none', (search) => {
    expect(pictureFrom(search)).toBeNull();
  });

  it('is what was written, whatever that was', () => {
    const side = fc.integer({ min: 16, max: 4096 });
    const rate = fc.integer({ min: 1, max: 120 });
    fc.assert(
      fc.property(side, side, rate, (width, height, framesPerSecond) => {
        const search = `?picture=${width}x${height}@${framesPerSecond}`;
        expect(pictureFrom(search)).toEqual({ width, height, framesPerSecond });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cap = pictureFrom(`?picture=${encodeURIComponent(text)}`);
        if (cap) expect(Math.min(cap.width, cap.height)).toBeGreaterThanOrEqual(16);
      }),
    );
  });
});

describe('a cap', () => {
  const cap = { width: 320, height: 240, framesPerSecond: 10 };

  it('makes a large picture small, and no picture larger', () => {
    expect(capped(FORWARDED, cap).camera).toMatchObject(cap);
    expect(capped(profileFor(7), cap).camera).toMatchObject({ width: 320, height: 180 });
    expect(capped(profileFor(7), cap).camera.framesPerSecond).toBe(10);
  });

  it('leaves screens, bits and everything else alone', () => {
    const { camera, ...rest } = capped(FORWARDED, cap);
    expect(rest).toEqual({ screen: FORWARDED.screen, audioBitrate: FORWARDED.audioBitrate });
    expect(camera.maxBitrate).toBe(FORWARDED.camera.maxBitrate);
    expect(capped(FORWARDED, null)).toBe(FORWARDED);
  });
});
