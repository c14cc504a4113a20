import { describe, expect, it } from 'vitest';

import { rateOf, receivedSample, sentSample, type Sample } from './rate';

const at = (milliseconds: number, bytes: number, packets = 0, lost = 0): Sample => ({
  at: milliseconds,
  bytes,
  packets,
  lost,
});

function report(...entries: readonly Record<string, unknown>[]): RTCStatsReport {
  return new Map(entries.map((entry, index) => [`${index}`, entry]));
}

describe('what a network carries', () => {
  it('is what passed in the end, when the sender had found out', () => {
    const slow = [at(0, 0), at(1_000, 20_000), at(2_000, 60_000)];
    const steady = [at(3_000, 260_000), at(4_000, 510_000), at(5_000, 760_000)];
    expect(rateOf([...slow, ...steady]).bitsPerSecond).toBe(2_000_000);
  });

  it('is not known from one look, nor when nothing passed', () => {
    expect(rateOf([]).bitsPerSecond).toBeNull();
    expect(rateOf([at(0, 10)]).bitsPerSecond).toBeNull();
    expect(rateOf([at(0, 10), at(1_000, 10)]).bitsPerSecond).toBeNull();
  });

  it('tells the share of lost packets of the same time', () => {
    const samples = [at(0, 0, 0, 50), at(1_000, 1_000, 90, 60)];
    expect(rateOf(samples).loss).toBeCloseTo(0.1);
  });

  it('reads the counters of all streams, headers included', () => {
    const sent = report(
      { type: 'outbound-rtp', bytesSent: 1_000, headerBytesSent: 100, packetsSent: 5 },
      { type: 'outbound-rtp', bytesSent: 10, headerBytesSent: 1, packetsSent: 1 },
      { type: 'remote-inbound-rtp', packetsLost: 2 },
    );
    expect(sentSample(sent, 7)).toEqual({ at: 7, bytes: 1_111, packets: 6, lost: 2 });
    const received = report({
      type: 'inbound-rtp',
      bytesReceived: 900,
      headerBytesReceived: 90,
      packetsReceived: 4,
      packetsLost: 1,
    });
    expect(receivedSample(received, 9)).toEqual({ at: 9, bytes: 990, packets: 4, lost: 1 });
  });
});
