/** What the browser's counters say, entry by entry: pieces that figures are made of. */

import type { Path, QualityLimit, VideoFigures } from './statistics';

/** Any entry of a report: counters are read by name, and may be missing. */
export type Entry = Readonly<Record<string, unknown>>;

export function entriesOf(report: RTCStatsReport): Entry[] {
  return [...(report as unknown as ReadonlyMap<string, Entry>).values()];
}

export function activePair(entries: readonly Entry[]): Entry | undefined {
  const selected = ofType(entries, 'transport')[0]?.['selectedCandidatePairId'];
  const pairs = ofType(entries, 'candidate-pair');
  return (
    pairs.find(({ id }) => id === selected) ??
    // Firefox marks the pair itself.
    pairs.find((pair) => pair['selected'] === true) ??
    pairs.find((pair) => pair['nominated'] === true && pair['state'] === 'succeeded')
  );
}

export function latencyOf(pair: Entry): number | null {
  const seconds = pair['currentRoundTripTime'];
  return typeof seconds === 'number' ? Math.round(seconds * 1000) : null;
}

export function pathOf(pair: Entry, entries: readonly Entry[]): Path | null {
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

export function largest(streams: readonly Entry[]): VideoFigures | null {
  const shown = streams
    .map((stream) => ({
      width: number(stream['frameWidth']),
      height: number(stream['frameHeight']),
      framesPerSecond: Math.round(number(stream['framesPerSecond'])),
    }))
    .filter(({ height, framesPerSecond }) => height > 0 && framesPerSecond > 0);
  return shown.sort((a, b) => b.width * b.height - a.width * a.height)[0] ?? null;
}

export function limitOf(outbound: readonly Entry[]): QualityLimit {
  const reasons = outbound.map((stream) => stream['qualityLimitationReason']);
  return (['cpu', 'bandwidth', 'other'] as const).find((one) => reasons.includes(one)) ?? 'none';
}

/** What the other side reports about what we send, per stream; the worst is what is noticed. */
export function worstRemoteLoss(entries: readonly Entry[]): number {
  const fractions = ofType(entries, 'remote-inbound-rtp').map(({ fractionLost }) =>
    number(fractionLost),
  );
  return Math.round(Math.max(0, ...fractions) * 1000) / 10;
}

export function ofType(entries: readonly Entry[], type: string): Entry[] {
  return entries.filter((entry) => entry['type'] === type);
}

export function sum(entries: readonly Entry[], name: string): number {
  return entries.reduce((total, entry) => total + number(entry[name]), 0);
}

export function rate(bytes: number, seconds: number): number {
  return Math.max(0, Math.round((bytes * 8) / seconds));
}

/** Lost packets as a percentage of those expected, to one decimal. */
export function share(lost: number, received: number): number {
  const expected = lost + received;
  return lost > 0 && expected > 0 ? Math.round((lost / expected) * 1000) / 10 : 0;
}

export function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
