import { testFakeParameters } from 'mediasoup-client';
import { describe, expect, it } from 'vitest';

import { FakeTrack } from '../media/testing/fake_devices';
import { canBecome, codecFrom, encodingFor } from './encodings';

function camera(height?: number): MediaStreamTrack {
  const track = new FakeTrack('video', 'c1');
  if (height !== undefined) track.getSettings = () => ({ height, width: (height * 16) / 9 });
  return track as unknown as MediaStreamTrack;
}

const capabilities = {
  codecs: ['audio/opus', 'video/VP8', 'video/VP9', 'video/H264'].flatMap(
    (mimeType) =>
      testFakeParameters
        .generateRouterRtpCapabilities()
        .codecs?.filter((one) => one.mimeType === mimeType) ?? [],
  ),
};

describe('the codec in an address', () => {
  it.each([
    ['', 'vp8'],
    ['?codec=vp9', 'vp9'],
    ['?x=1&codec=AV1', 'av1'],
    ['?codec=h264', 'h264'],
    ['?codec=mpeg2', 'vp8'],
  ])('%j means %s', (search, codec) => {
    expect(codecFrom(search)).toBe(codec);
  });
});

describe('a camera', () => {
  it('is sent in three sizes, each worth its bits', () => {
    const { encodings, codec } = encodingFor('camera', camera(720), { codec: 'vp8', capabilities });
    expect(codec?.mimeType).toBe('video/VP8');
    expect(encodings).toMatchObject([
      { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
      { scaleResolutionDownBy: 2, maxBitrate: 700_000 },
      { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
    ]);
  });

  it.each([
    [undefined, [4, 2, 1]],
    [1080, [4, 2, 1]],
    [540, [4, 2, 1]],
    [360, [2, 1]],
    [120, [1]],
  ])('of %s lines is sent shrunk by %j, and the rest is idle', (height, scales) => {
    const wish = { codec: 'vp8', capabilities } as const;
    const { encodings } = encodingFor('camera', camera(height), wish);
    expect(encodings).toHaveLength(3);
    const active = encodings.filter((one) => one.active);
    expect(active.map((one) => one.scaleResolutionDownBy)).toEqual(scales);
    expect(encodings.slice(0, active.length)).toEqual(active);
  });

  it('keeps the order by which the server knows its sizes', () => {
    const wish = { codec: 'vp8', capabilities } as const;
    for (let height = 16; height <= 1440; height += 1) {
      const { encodings } = encodingFor('camera', camera(height), wish);
      const bits = encodings.map(({ maxBitrate = 0 }) => maxBitrate);
      expect(bits).toEqual([...bits].sort((a, b) => a - b));
    }
  });

  it.each([
    ['vp8', true],
    ['h264', true],
    ['vp9', false],
  ] as const)('as %s can grow without being published anew: %s', (codec, can) => {
    const of = (height: number) => encodingFor('camera', camera(height), { codec, capabilities });
    expect(canBecome(of(120), of(720))).toBe(can);
    expect(canBecome(of(720), of(720))).toBe(true);
  });

  it('is sent in layers of one stream as VP9', () => {
    const wish = { codec: 'vp9', capabilities } as const;
    expect(encodingFor('camera', camera(720), wish).encodings).toMatchObject([
      { scalabilityMode: 'L3T3_KEY' },
    ]);
    expect(encodingFor('camera', camera(120), wish).encodings).toMatchObject([
      { scalabilityMode: 'L1T3' },
    ]);
  });

  it('is sent as VP8 where the router does not know what was wished', () => {
    const { encodings, codec } = encodingFor('camera', camera(720), { codec: 'av1', capabilities });
    expect(codec?.mimeType).toBe('video/VP8');
    expect(encodings).toHaveLength(3);
  });
});

describe('other tracks', () => {
  const wish = { codec: 'vp8', capabilities } as const;

  it('are sent once', () => {
    expect(encodingFor('screen', camera(1080), wish).encodings).toHaveLength(1);
    expect(encodingFor('microphone', camera(), wish)).toMatchObject({
      encodings: [{ maxBitrate: 40_000 }],
      codecOptions: { opusDtx: true, opusFec: true },
    });
    expect(encodingFor('screenAudio', camera(), wish).codecOptions).toMatchObject({
      opusStereo: true,
      opusDtx: false,
    });
  });
});
