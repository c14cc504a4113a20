/** Figures about one link, measured over the last interval. */

export interface VideoFigures {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

/** How packets travel: the candidate pair in use. */
export interface Path {
  readonly local: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly remote: 'host' | 'srflx' | 'prflx' | 'relay';
  readonly protocol: 'udp' | 'tcp';
}

export type QualityLimit = 'none' | 'cpu' | 'bandwidth' | 'other';

export interface PeerStatistics {
  /** Round-trip time in milliseconds; null until measured. */
  readonly latency: number | null;
  /** Received bits per second. */
  readonly bandwidth: number;
  /** Sent bits per second. */
  readonly bandwidthOut: number;
  /** Percentage of what the other side sent that did not arrive. */
  readonly packetLoss: number;
  /** Percentage of what we sent that the other side says did not arrive. */
  readonly packetLossOut: number;
  readonly received: VideoFigures | null;
  readonly sent: VideoFigures | null;
  readonly path: Path | null;
  /** What holds our own picture back. */
  readonly limitedBy: QualityLimit;
}
