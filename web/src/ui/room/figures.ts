/** What the figures of a link mean, and how they are written. */

import type { PictureLimit } from '../../session/media_session';
import type { Path, PeerStatistics, VideoFigures } from '../../session/statistics';
import { t } from '../strings';

export type Quality = 'good' | 'fair' | 'weak' | 'lost';
export type QualityReason = keyof typeof t.room.qualityReason;

export interface Verdict {
  readonly quality: Quality;
  readonly reason: QualityReason;
}

/**
 * The first that applies counts. Loss in percent, round trips in milliseconds: from `fair` on
 * people notice, from `weak` on talking is work.
 */
const VERDICTS: readonly (readonly [Quality, QualityReason, (figures: Figures) => boolean])[] = [
  ['weak', 'loss', ({ loss }) => loss >= 10],
  ['weak', 'latency', ({ roundTrip }) => roundTrip >= 500],
  ['fair', 'loss', ({ loss }) => loss >= 3],
  ['fair', 'latency', ({ roundTrip }) => roundTrip >= 250],
];

interface Figures {
  readonly loss: number;
  readonly roundTrip: number;
}

/** `apart`: not to be connected for now, because the server that would do it is lost. */
export type TileStatus = 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'apart';

/** How good a link is, and what is to blame where it is not good. */
export function judge(
  status: TileStatus,
  stats: PeerStatistics | null,
  limit: PictureLimit | null = null,
): Verdict {
  if (status === 'failed') return { quality: 'lost', reason: 'failed' };
  if (status === 'reconnecting') return { quality: 'lost', reason: 'reconnecting' };
  if (limit?.paused) return { quality: 'weak', reason: PAUSED[limit.by] };
  const verdict = judgeFigures(stats);
  // Nobody is told of a picture that is small because its camera is.
  if (verdict.quality !== 'good' || limit?.by !== 'bandwidth') return verdict;
  return { quality: 'fair', reason: 'narrow' };
}

const PAUSED: Record<PictureLimit['by'], QualityReason> = {
  bandwidth: 'pausedHere',
  publisher: 'pausedThere',
};

function judgeFigures(stats: PeerStatistics | null): Verdict {
  if (!stats) return { quality: 'good', reason: 'none' };
  const figures: Figures = {
    loss: Math.max(stats.packetLoss, stats.packetLossOut),
    roundTrip: stats.latency ?? 0,
  };
  const verdict = VERDICTS.find(([, , applies]) => applies(figures));
  return { quality: verdict?.[0] ?? 'good', reason: verdict?.[1] ?? 'none' };
}

const words = t.room.figures;

/** Bits per second in the unit people know. */
export function bitrate(bitsPerSecond: number): string {
  const kilobits = bitsPerSecond / 1000;
  if (kilobits < 1000) return words.kilobits(Math.round(kilobits));
  return words.megabits((kilobits / 1000).toFixed(1));
}

export function latency(value: number | null): string {
  return value === null ? words.unknown : words.milliseconds(Math.round(value));
}

/** A percentage, with one digit after the point only where it matters. */
export function percent(value: number): string {
  return words.percent(value > 0 && value < 10 ? value.toFixed(1) : String(Math.round(value)));
}

export function pathName(path: Path): string {
  const relayed = path.local === 'relay' || path.remote === 'relay';
  const near = path.local === 'host' && path.remote === 'host';
  const name = relayed ? words.paths.relay : near ? words.paths.local : words.paths.direct;
  return path.protocol === 'tcp' ? words.overTcp(name) : name;
}

const picture = ({ width, height, framesPerSecond }: VideoFigures): string =>
  words.picture(width, height, Math.round(framesPerSecond));

/** A label and its value, ready to show. */
export type Figure = readonly [label: string, value: string];

/** What one end of the way between us and somebody sees of it. */
export interface FigureSection {
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** All that is known of the way between us and somebody, end by end; `limit`: of their camera. */
export function sectionsOf(
  stats: PeerStatistics | null,
  mode: 'mesh' | 'sfu',
  limit: PictureLimit | null = null,
): FigureSection[] {
  const modeFigure: Figure = [words.mode, t.common.mode[mode]];
  if (!stats) return [{ title: words.way, figures: [[words.latency, words.unknown], modeFigure] }];
  const { received, sent, path } = stats;
  return [
    {
      title: words.weGet,
      figures: [
        [words.rate, bitrate(stats.bandwidth)],
        [words.loss, percent(stats.packetLoss)],
        [words.resolution, receivedPicture(received, limit)],
      ],
    },
    {
      title: mode === 'sfu' ? words.weSendServer : words.weSend,
      figures: [
        [words.rate, bitrate(stats.bandwidthOut)],
        [words.loss, percent(stats.packetLossOut)],
        [words.resolution, sent ? words.limited(picture(sent), stats.limitedBy) : words.noPicture],
      ],
    },
    {
      title: words.way,
      figures: [
        [mode === 'sfu' ? words.latencyServer : words.latency, latency(stats.latency)],
        [words.path, path ? pathName(path) : words.unknown],
        modeFigure,
      ],
    },
  ];
}

/** A picture as it comes, and why it is no better. */
function receivedPicture(received: VideoFigures | null, limit: PictureLimit | null): string {
  if (limit) return words.lacking[limit.paused ? 'paused' : 'smaller'][limit.by](sizeOf(received));
  return sizeOf(received);
}

const sizeOf = (received: VideoFigures | null): string =>
  received ? picture(received) : words.noPicture;

/** What a person sends and receives in all, in bits per second. */
export interface Load {
  readonly up: number;
  readonly down: number;
}

/** Today's load: over all links, or up once to the server and down from it. */
export function loadOf(mode: 'mesh' | 'sfu', stats: readonly PeerStatistics[]): Load {
  const ups = stats.map((one) => one.bandwidthOut);
  return {
    up: mode === 'sfu' ? Math.max(0, ...ups) : ups.reduce((sum, one) => sum + one, 0),
    down: stats.reduce((sum, one) => sum + one.bandwidth, 0),
  };
}

/**
 * What the other mode would ask for the same pictures: through a server everybody sends once,
 * the best of what it sends now; peer to peer, once per other person.
 */
export function otherLoad(
  mode: 'mesh' | 'sfu',
  stats: readonly PeerStatistics[],
  links: number,
): Load {
  const { up, down } = loadOf(mode, stats);
  if (mode === 'sfu') return { up: up * links, down };
  return { up: Math.max(0, ...stats.map((one) => one.bandwidthOut)), down };
}
