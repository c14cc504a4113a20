import { describe, expect, it } from 'vitest';

import { Measurement } from './measurement';

type Entry = Record<string, unknown> & { readonly id: string };

function report(entries: readonly Entry[]): RTCStatsReport {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

function pair(seconds: number): Entry[] {
  return [
    { type: 'transport', id: 't', selectedCandidatePairId: 'p' },
    {
      type: 'candidate-pair',
      id: 'p',
      timestamp: seconds * 1000,
      bytesSent: seconds * 100_000,
      currentRoundTripTime: 0.02,
    },
  ];
}

const receive = (seconds: number) =>
  report([
    ...pair(seconds),
    {
      type: 'inbound-rtp',
      id: 'i1',
      mid: '0',
      kind: 'video',
      bytesReceived: seconds * 50_000,
      packetsReceived: seconds * 98,
      packetsLost: seconds * 2,
      frameWidth: 640,
      frameHeight: 360,
      framesPerSecond: 29.6,
    },
    { type: 'inbound-rtp', id: 'i2', mid: '1', kind: 'audio', bytesReceived: seconds * 4_000 },
    { type: 'inbound-rtp', id: 'i3', mid: '2', kind: 'audio', bytesReceived: seconds * 1_000 },
  ]);

const send = (seconds: number) =>
  report([
    ...pair(seconds),
    {
      type: 'outbound-rtp',
      id: 'o1',
      kind: 'video',
      frameWidth: 1280,
      frameHeight: 720,
      framesPerSecond: 30,
      qualityLimitationReason: 'cpu',
    },
    { type: 'remote-inbound-rtp', id: 'r1', fractionLost: 0.05 },
  ]);

const sections = new Map([
  ['b', ['0', '1']],
  ['c', ['2']],
  ['d', []],
]);

describe('a measurement', () => {
  it('tells each member’s share of what comes, and the same for all of what goes', () => {
    const measurement = new Measurement();
    measurement.read({ send: send(1), receive: receive(1), sections });
    const figures = measurement.read({ send: send(3), receive: receive(3), sections });
    const common = { latency: 20, bandwidthOut: 800_000, packetLossOut: 5, limitedBy: 'cpu' };
    expect(figures.get('b')).toMatchObject({
      ...common,
      bandwidth: 432_000,
      packetLoss: 2,
      received: { width: 640, height: 360, framesPerSecond: 30 },
      sent: { width: 1280, height: 720, framesPerSecond: 30 },
    });
    expect(figures.get('c')).toMatchObject({ ...common, bandwidth: 8_000, received: null });
    expect(figures.get('d')).toMatchObject({ ...common, bandwidth: 0, packetLoss: 0 });
  });

  it('knows who is not heard of any more', () => {
    const measurement = new Measurement();
    const still = () => ['b', 'c'].map((id) => measurement.isStill(id));
    measurement.read({ send: null, receive: receive(1), sections });
    expect(still()).toEqual([false, false]);
    measurement.read({ send: null, receive: receive(3), sections });
    // Nobody counts packets of c's in this report.
    expect(still()).toEqual([false, true]);
  });

  it('has nothing to tell before there is a connection', () => {
    const measurement = new Measurement();
    expect(measurement.read({ send: null, receive: report([]), sections }).size).toBe(0);
    const figures = measurement.read({ send: null, receive: receive(1), sections });
    expect(figures.get('b')).toMatchObject({ bandwidthOut: 0, sent: null, bandwidth: 0 });
  });
});
