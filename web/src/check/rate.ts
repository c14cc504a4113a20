/** From a browser's counters, read every so often, to what a network carries. Pure. */

import { entriesOf, ofType, sum } from '../session/report';
import type { RateFact } from './report';

/** Counters at a moment. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
}

/** How much of the end of a measurement counts: before that the sender is still finding out. */
const STEADY_MS = 2_500;

/** What was carried in the end; null bits per second if there are too few samples to tell. */
export function rateOf(samples: readonly Sample[]): RateFact {
  const last = samples.at(-1);
  const first = last && samples.find(({ at }) => last.at - at <= STEADY_MS);
  if (!last || !first || last.at <= first.at || last.bytes <= first.bytes) {
    return { bitsPerSecond: null, loss: 0 };
  }
  const bitsPerSecond = ((last.bytes - first.bytes) * 8_000) / (last.at - first.at);
  const lost = Math.max(0, last.lost - first.lost);
  const received = Math.max(0, last.packets - first.packets);
  return { bitsPerSecond, loss: lost + received ? lost / (lost + received) : 0 };
}

/** What we sent, and what the other side says it lost of it. */
export function sentSample(report: RTCStatsReport, at: number): Sample {
  const entries = entriesOf(report);
  const sent = ofType(entries, 'outbound-rtp');
  return {
    at,
    bytes: sum(sent, 'bytesSent') + sum(sent, 'headerBytesSent'),
    packets: sum(sent, 'packetsSent'),
    lost: sum(ofType(entries, 'remote-inbound-rtp'), 'packetsLost'),
  };
}

export function receivedSample(report: RTCStatsReport, at: number): Sample {
  const received = ofType(entriesOf(report), 'inbound-rtp');
  return {
    at,
    bytes: sum(received, 'bytesReceived') + sum(received, 'headerBytesReceived'),
    packets: sum(received, 'packetsReceived'),
    lost: sum(received, 'packetsLost'),
  };
}
