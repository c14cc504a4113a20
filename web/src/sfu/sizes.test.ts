import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { NO_TRACKS } from '../session/media_session';
import { FakeCall, pass, resize, track, type Person } from './testing/fake_call';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function senderOf({ connections }: Person, one: MediaStreamTrack) {
  return [...connections.values()].flatMap(({ senders }) => senders.get(one.id) ?? [])[0]!;
}

const scales = (encodings: readonly RTCRtpEncodingParameters[]) =>
  encodings.flatMap((one) => (one.active ? [one.scaleResolutionDownBy] : []));

async function filming(height: number, options = {}) {
  const call = new FakeCall();
  const camera = track('video', { height });
  const tracks = { ...NO_TRACKS, camera };
  const a = call.enter('a', tracks, options);
  await pass(1_000);
  const produced = () => call.sfu.types('a').filter((type) => type === 'produce').length;
  const setSize = async (size: MediaTrackSettings) => {
    resize(camera, size);
    a.session.publish({ ...tracks });
    await pass(1_000);
  };
  return { call, camera, tracks, a, produced, setSize, sender: senderOf(a, camera) };
}

describe('a camera whose picture changes in size', () => {
  it('stays the same producer, in as many sizes as the picture is worth', async () => {
    const { sender, setSize, produced } = await filming(180);
    expect(scales(sender.encodings)).toEqual([1]);
    await setSize({ width: 1280, height: 720 });
    expect(scales(sender.encodings)).toEqual([4, 2, 1]);
    expect(sender.encodings.map(({ maxBitrate }) => maxBitrate)).toEqual([
      150_000, 700_000, 1_500_000,
    ]);
    await setSize({ width: 640, height: 480 });
    expect(scales(sender.encodings)).toEqual([2, 1]);
    await setSize({ width: 160, height: 120 });
    expect(scales(sender.encodings)).toEqual([1]);
    expect(produced()).toBe(1);
  });

  it('tells the library which sizes are idle, for the next negotiation not to wake them', async () => {
    const { sender, setSize } = await filming(720);
    expect(sender.maxSpatialLayer).toBeNull();
    await setSize({ height: 180 });
    expect(sender.maxSpatialLayer).toBe(0);
    await setSize({ height: 360 });
    expect(sender.maxSpatialLayer).toBe(1);
  });

  it('is left alone while its size stays', async () => {
    const { sender, setSize } = await filming(720);
    const set = vi.spyOn(sender, 'setParameters');
    await setSize({ height: 720 });
    await setSize({ height: 720 });
    expect(set).not.toHaveBeenCalled();
  });

  it('is fitted later when the browser refuses at first', async () => {
    const { sender, setSize } = await filming(180);
    sender.refuses = true;
    await setSize({ height: 720 });
    expect(scales(sender.encodings)).toEqual([1]);
    sender.refuses = false;
    await pass(8_000);
    expect(scales(sender.encodings)).toEqual([4, 2, 1]);
  });

  it('is fitted when another camera takes its place', async () => {
    const { sender, a, tracks, produced } = await filming(180);
    a.session.publish({ ...tracks, camera: track('video', { height: 720 }) });
    await pass(1_000);
    expect(scales(sender.encodings)).toEqual([4, 2, 1]);
    expect(produced()).toBe(1);
  });
});

describe('a camera of which not all layers are wanted', () => {
  const wanted = async (
    { call, a }: Awaited<ReturnType<typeof filming>>,
    spatialLayers: number,
  ) => {
    const producerId = [...call.sfu.producers.keys()][0]!;
    a.session.hear({ type: 'layers-wanted', roomId: 'r1', producerId, spatialLayers });
    await pass(1_000);
  };

  it('sends those that are, and the others again as soon as they are', async () => {
    const world = await filming(720);
    const { sender, produced } = world;
    await wanted(world, 1);
    expect([scales(sender.encodings), sender.maxSpatialLayer]).toEqual([[4], 0]);
    await wanted(world, 0);
    expect([scales(sender.encodings), sender.maxSpatialLayer]).toEqual([[], -1]);
    await wanted(world, 3);
    expect([scales(sender.encodings), sender.maxSpatialLayer]).toEqual([[4, 2, 1], 2]);
    expect(produced()).toBe(1);
  });

  it('still sends no more than its size is worth', async () => {
    const world = await filming(720);
    await wanted(world, 2);
    await world.setSize({ height: 180 });
    expect(scales(world.sender.encodings)).toEqual([1]);
    await world.setSize({ height: 720 });
    expect(scales(world.sender.encodings)).toEqual([4, 2]);
  });

  it('is not what another producer is told', async () => {
    const { a, sender } = await filming(720);
    a.session.hear({ type: 'layers-wanted', roomId: 'r1', producerId: 'x', spatialLayers: 0 });
    await pass(1_000);
    expect(scales(sender.encodings)).toEqual([4, 2, 1]);
  });
});
