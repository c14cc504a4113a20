/** From the browser's counters to figures: what changed since the report before. */

import type { Path, PeerStatistics, QualityLimit, VideoFigures } from '../session/statistics';

/** Any entry of a report: counters are read by name, and may be missing. */
type Entry = Readonly<Record<string, unknown>>;

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
    const entries = [...(report as unknown as ReadonlyMap<string, Entry>).values()];
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

function activePair(entries: readonly Entry[]): Entry | undefined {
  const selected = ofType(entries, 'transport')[0]?.['selectedCandidatePairId'];
  const pairs = ofType(entries, 'candidate-pair');
  return (
    pairs.find(({ id }) => id === selected) ??
    // Firefox marks the pair itself.
    pairs.find((pair) => pair['selected'] === true) ??
    pairs.find((pair) => pair['nominated'] === true && pair['state'] === 'succeeded')
  );
}

function latencyOf(pair: Entry): number | null {
  const seconds = pair['currentRoundTripTime'];
  return typeof seconds === 'number' ? Math.round(seconds * 1000) : null;
}

function pathOf(pair: Entry, entries: readonly Entry[]): Path | null {
  const local = entries.find(({ id }) => id === pair['localCandidateId']);
  const remote = entries.find(({ id }) => id === pair['remoteCandidateId']);
  if (!local || !remote) return null;
  return {
    local: candidateType(local),
    remote: candidateType(remote),
    protocol: local['protocol'] === 'tcp' ? 'tcp' : 'udp',
  };
}

function candidateType({ candidateType: type }: Entry): Path['local'] {
  return type === 'srflx' || type === 'prflx' || type === 'relay' ? type : 'host';
}

function largest(streams: readonly Entry[]): VideoFigures | null {
  const shown = streams
    .map((stream) => ({
      width: number(stream['frameWidth']),
      height: number(stream['frameHeight']),
      framesPerSecond: Math.round(number(stream['framesPerSecond'])),
    }))
    .filter(({ height, framesPerSecond }) => height > 0 && framesPerSecond > 0);
  return shown.sort((a, b) => b.width * b.height - a.width * a.height)[0] ?? null;
}

function limitOf(outbound: readonly Entry[]): QualityLimit {
  const reasons = outbound.map((stream) => stream['qualityLimitationReason']);
  return (['cpu', 'bandwidth', 'other'] as const).find((one) => reasons.includes(one)) ?? 'none';
}

/** What the other side reports about what we send, per stream; the worst is what is noticed. */
function worstRemoteLoss(entries: readonly Entry[]): number {
  const fractions = ofType(entries, 'remote-inbound-rtp').map(({ fractionLost }) =>
    number(fractionLost),
  );
  return Math.round(Math.max(0, ...fractions) * 1000) / 10;
}

function ofType(entries: readonly Entry[], type: string): Entry[] {
  return entries.filter((entry) => entry['type'] === type);
}

function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + number(entry[name]), 0);
}

function rate(bytes: number, seconds: number): number {
  return Math.max(0, Math.round((bytes * 8) / seconds));
}

/** Lost packets as a percentage of those expected, to one decimal. */
function share(lost: number, received: number): number {
  const expected = lost + received;
  return lost > 0 && expected > 0 ? Math.round((lost / expected) * 1000) / 10 : 0;
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
