import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { FORWARDED, layerFor, layersFor, profileFor, scaleDown } from './ladder';
import { perceived, rootMeanSquare } from './level_meter';

describe('the ladder', () => {
  it('never climbs when somebody joins', () => {
    for (let others = 0; others < 20; others += 1) {
      const [now, then] = [profileFor(others), profileFor(others + 1)];
      expect(then.camera.height).toBeLessThanOrEqual(now.camera.height);
      expect(then.camera.framesPerSecond).toBeLessThanOrEqual(now.camera.framesPerSecond);
      expect(then.camera.maxBitrate).toBeLessThanOrEqual(now.camera.maxBitrate);
      expect(then.screen.maxBitrate).toBeLessThanOrEqual(now.screen.maxBitrate);
      expect(then.audioBitrate).toBeLessThanOrEqual(now.audioBitrate);
    }
  });

  it('keeps all that one sends below 2.5 Mbit/s in every room', () => {
    for (let others = 1; others < 8; others += 1) {
      const { camera, audioBitrate } = profileFor(others);
      expect(others * (camera.maxBitrate + audioBitrate)).toBeLessThanOrEqual(2_500_000);
    }
  });

  it('takes any number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(profileFor(value).camera.height).toBeGreaterThan(0);
      }),
    );
  });

  it('scales what a camera cannot capture smaller, and never up', () => {
    const { camera } = profileFor(7);
    expect(scaleDown(720, camera)).toBe(4);
    expect(scaleDown(120, camera)).toBe(1);
    expect(scaleDown(undefined, camera)).toBe(1);
  });
});

describe('a level', () => {
  it('is what ears hear of an amplitude', () => {
    expect(perceived(0)).toBe(0);
    expect(perceived(Number.NaN)).toBe(0);
    expect(perceived(1)).toBe(1);
    expect(perceived(0.001)).toBeCloseTo(0);
    expect(perceived(0.1)).toBeCloseTo(2 / 3);
  });

  it('is measured over samples', () => {
    expect(rootMeanSquare(new Float32Array([1, -1, 1, -1]))).toBe(1);
    expect(rootMeanSquare(new Float32Array())).toBe(0);
  });
});

describe('the sizes a server forwards', () => {
  it('cost no more in all than a large call in a mesh', () => {
    const all = layersFor().reduce((bits, { maxBitrate }) => bits + maxBitrate, 0);
    expect(all + FORWARDED.audioBitrate).toBeLessThanOrEqual(2_500_000);
  });

  it('grow with every step, whatever the camera', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1 }), (height, width) => {
        const layers = layersFor({ width, height });
        expect(layers.at(-1)?.scaleResolutionDownBy).toBe(1);
        for (const [index, layer] of layers.entries()) {
          const before = layers[index - 1];
          if (!before) continue;
          expect(layer.maxBitrate).toBeGreaterThanOrEqual(before.maxBitrate);
          expect(layer.scaleResolutionDownBy).toBeLessThan(before.scaleResolutionDownBy);
        }
      }),
    );
  });

  it.each([
    [1280, 720, 3],
    [720, 1280, 3],
    [960, 540, 3],
    // Of three, Chromium would leave out the largest here.
    [640, 480, 2],
    [640, 360, 2],
    [480, 270, 2],
    [320, 240, 1],
    [160, 120, 1],
  ])('of %i×%i pixels are %i', (width, height, sizes) => {
    expect(layersFor({ width, height })).toHaveLength(sizes);
  });

  it('are those of what a server forwards while nothing is known', () => {
    expect(layersFor()).toEqual(layersFor(FORWARDED.camera));
    expect(layersFor({ height: 540 })).toEqual(layersFor({ width: 960, height: 540 }));
  });

  it('cost the same upright', () => {
    expect(layersFor({ width: 720, height: 1280 })).toEqual(layersFor(FORWARDED.camera));
  });

  it.each([
    [80, 0],
    [180, 0],
    [360, 1],
    [720, 2],
    [Infinity, 2],
  ])('shown %s pixels high, a picture needs size %i', (height, layer) => {
    expect(layerFor(height)).toBe(layer);
  });
});
