import { describe, expect, it } from 'vitest';

import { Measurement } from './measurement';

function report(seconds: number, change: Record<string, unknown> = {}): RTCStatsReport {
  const entries = [
    { type: 'transport', id: 't', selectedCandidatePairId: 'p' },
    {
      type: 'candidate-pair',
      id: 'p',
      timestamp: seconds * 1000,
      bytesReceived: seconds * 25_000,
      bytesSent: seconds * 12_500,
      currentRoundTripTime: 0.0425,
      localCandidateId: 'l',
      remoteCandidateId: 'r',
    },
    { type: 'local-candidate', id: 'l', candidateType: 'relay', protocol: 'udp' },
    { type: 'remote-candidate', id: 'r', candidateType: 'srflx' },
    {
      type: 'inbound-rtp',
      id: 'i',
      kind: 'video',
      frameWidth: 640,
      frameHeight: 360,
      framesPerSecond: 29.7,
      packetsReceived: seconds * 98,
      packetsLost: seconds * 2,
    },
    {
      type: 'outbound-rtp',
      id: 'o',
      kind: 'video',
      frameHeight: 0,
      qualityLimitationReason: 'bandwidth',
    },
    { type: 'remote-inbound-rtp', id: 'ri', fractionLost: 0.031 },
  ];
  const changed = entries.map((entry) => ({ ...entry, ...(change[entry.id] as object) }));
  return new Map(changed.map((entry) => [entry.id, entry]));
}

describe('a measurement', () => {
  it('is what changed since the one before', () => {
    const measurement = new Measurement();
    expect(measurement.read(report(1))).toMatchObject({ bandwidth: 0, packetLoss: 0 });
    expect(measurement.read(report(3))).toEqual({
      latency: 43,
      bandwidth: 200_000,
      bandwidthOut: 100_000,
      packetLoss: 2,
      packetLossOut: 3.1,
      received: { width: 640, height: 360, framesPerSecond: 30 },
      sent: null,
      path: { local: 'relay', remote: 'srflx', protocol: 'udp' },
      limitedBy: 'bandwidth',
    });
  });

  it('never goes below zero when counters start anew', () => {
    const measurement = new Measurement();
    measurement.read(report(100));
    expect(measurement.read(report(1))).toMatchObject({ bandwidth: 0, packetLoss: 0 });
  });

  it('is nothing without a path', () => {
    const empty = new Map() as unknown as RTCStatsReport;
    expect(new Measurement().read(empty)).toBeNull();
  });

  it('makes do with reports of few words', () => {
    const pair = { type: 'candidate-pair', id: 'p', nominated: true, state: 'succeeded' };
    const sparse = new Map([['p', pair]]) as unknown as RTCStatsReport;
    expect(new Measurement().read(sparse)).toMatchObject({ latency: null, path: null });
  });
});
