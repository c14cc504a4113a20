/** From the browser's counters of two transports to figures about each member. */

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
  type Entry,
} from '../session/report';
import type { PeerStatistics } from '../session/statistics';

interface Totals {
  readonly at: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
}

/** What goes out is the same for everybody; who is behind what comes in, the caller knows. */
export interface Reports {
  readonly send: RTCStatsReport | null;
  readonly receive: RTCStatsReport;
  /** By member id, the ids of the media sections on which its media comes. */
  readonly sections: ReadonlyMap<string, readonly string[]>;
}

type Outgoing = Pick<PeerStatistics, 'bandwidthOut' | 'packetLossOut' | 'sent' | 'limitedBy'>;

const NOTHING_SENT: Outgoing = {
  bandwidthOut: 0,
  packetLossOut: 0,
  sent: null,
  limitedBy: 'none',
};

export class Measurement {
  readonly #before = new Map<string, Totals>();
  readonly #still = new Set<string>();
  #sentBefore: Totals | null = null;

  /** Whether not a single packet of a member's came between the last two reports. */
  isStill(memberId: string): boolean {
    return this.#still.has(memberId);
  }

  /** Figures since the call before, by member id; none before media flows. */
  read({ send, receive, sections }: Reports): Map<string, PeerStatistics> {
    const entries = entriesOf(receive);
    const pair = activePair(entries);
    if (!pair) return new Map();
    const outgoing = send ? this.#outgoing(entriesOf(send)) : NOTHING_SENT;
    const common = { latency: latencyOf(pair), path: pathOf(pair, entries), ...outgoing };
    const inbound = ofType(entries, 'inbound-rtp');
    const at = number(pair['timestamp']);
    for (const id of [...this.#before.keys()]) if (!sections.has(id)) this.#before.delete(id);
    const read = new Map<string, PeerStatistics>();
    for (const [id, mids] of sections) {
      const theirs = inbound.filter(({ mid }) => typeof mid === 'string' && mids.includes(mid));
      read.set(id, { ...common, ...this.#incoming(id, theirs, at) });
    }
    return read;
  }

  #incoming(
    memberId: string,
    entries: readonly Entry[],
    at: number,
  ): Pick<PeerStatistics, 'bandwidth' | 'packetLoss' | 'received'> {
    const now: Totals = {
      at,
      bytes: sum(entries, 'bytesReceived') + sum(entries, 'headerBytesReceived'),
      packets: sum(entries, 'packetsReceived'),
      lost: sum(entries, 'packetsLost'),
    };
    const before = this.#before.get(memberId) ?? now;
    this.#before.set(memberId, now);
    if (before.at < now.at && before.packets === now.packets) this.#still.add(memberId);
    else this.#still.delete(memberId);
    return {
      bandwidth: rate(now.bytes - before.bytes, secondsBetween(before, now)),
      packetLoss: share(now.lost - before.lost, now.packets - before.packets),
      received: largest(entries.filter(({ kind }) => kind === 'video')),
    };
  }

  #outgoing(entries: readonly Entry[]): Outgoing {
    const pair = activePair(entries);
    if (!pair) return NOTHING_SENT;
    const at = number(pair['timestamp']);
    const now: Totals = { at, bytes: number(pair['bytesSent']), packets: 0, lost: 0 };
    const before = this.#sentBefore ?? now;
    this.#sentBefore = now;
    const video = ofType(entries, 'outbound-rtp').filter(({ kind }) => kind === 'video');
    return {
      bandwidthOut: rate(now.bytes - before.bytes, secondsBetween(before, now)),
      packetLossOut: worstRemoteLoss(entries),
      sent: largest(video),
      limitedBy: limitOf(video),
    };
  }
}

function secondsBetween(before: Totals, now: Totals): number {
  return Math.max(0.001, (now.at - before.at) / 1000);
}
