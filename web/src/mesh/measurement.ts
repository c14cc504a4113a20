/** From the browser's counters to figures: what changed since the report before. */

import {
  activePair,
  entriesOf,
  largest,
  latencyOf,
  limitOf,
  number,
  ofType,
  pathOf,
  rate,
  share,
  sum,
  worstRemoteLoss,
} from '../session/report';
import type { PeerStatistics } from '../session/statistics';

interface Totals {
  readonly at: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly lost: number;
}

export class Measurement {
  #before: Totals | null = null;

  /** The connection was replaced: its counters start anew. */
  reset(): void {
    this.#before = null;
  }

  read(report: RTCStatsReport): PeerStatistics | null {
    const entries = entriesOf(report);
    const pair = activePair(entries);
    if (!pair) return null;
    const inbound = ofType(entries, 'inbound-rtp');
    const now: Totals = {
      at: number(pair['timestamp']),
      bytesIn: number(pair['bytesReceived']),
      bytesOut: number(pair['bytesSent']),
      packetsIn: sum(inbound, 'packetsReceived'),
      lost: sum(inbound, 'packetsLost'),
    };
    const before = this.#before ?? { ...now };
    this.#before = now;
    const seconds = Math.max(0.001, (now.at - before.at) / 1000);
    const outbound = ofType(entries, 'outbound-rtp').filter(({ kind }) => kind === 'video');
    return {
      latency: latencyOf(pair),
      bandwidth: rate(now.bytesIn - before.bytesIn, seconds),
      bandwidthOut: rate(now.bytesOut - before.bytesOut, seconds),
      packetLoss: share(now.lost - before.lost, now.packetsIn - before.packetsIn),
      packetLossOut: worstRemoteLoss(entries),
      received: largest(inbound.filter(({ kind }) => kind === 'video')),
      sent: largest(outbound),
      path: pathOf(pair, entries),
      limitedBy: limitOf(outbound),
    };
  }
}
