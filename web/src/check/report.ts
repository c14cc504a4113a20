/** What a connection check has found so far: facts, without a judgement. */

import type { CaptureProblem, DeviceKind } from '../media/outcome';

/** Where a step stands; a step that has no `fact` in the end could not be carried out. */
export type Step<Fact> =
  | { readonly status: 'waiting' }
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly fact: Fact };

/** The WebSocket: everything else is arranged through it. */
export interface ServerFact {
  readonly isReached: boolean;
  /** Milliseconds there and back, the median of several; null: not reached. */
  readonly roundTrip: number | null;
}

export interface DeviceFact {
  /** null: it works. */
  readonly problem: CaptureProblem | null;
}

/**
 * A way to the media server.
 *
 * - `works`: media can take it; `milliseconds` until it was open
 * - `blocked`: nothing came back
 * - `not-offered`: the server has no such way
 * - `unknown`: the server lets us in nowhere where it could be tried
 */
export type PathFact =
  | {
      readonly outcome: 'works';
      readonly milliseconds: number;
      readonly roundTrip: number | null;
    }
  | { readonly outcome: 'blocked' | 'not-offered' | 'unknown' };

export type RelayProtocol = 'udp' | 'tcp' | 'tls';

/** A TURN server, by one of its addresses. */
export interface RelayFact {
  readonly url: string;
  readonly protocol: RelayProtocol;
  /** `refused`: it answered, and would not have us. */
  readonly outcome: 'works' | 'blocked' | 'refused';
}

/** What the network carried, at least: bits per second; null: not measured. */
export interface RateFact {
  readonly bitsPerSecond: number | null;
  /** Share of packets that were lost, 0 to 1. */
  readonly loss: number;
}

export interface Report {
  readonly isRunning: boolean;
  readonly server: Step<ServerFact>;
  readonly devices: Step<Readonly<Record<DeviceKind, DeviceFact>>>;
  readonly udp: Step<PathFact>;
  readonly tcp: Step<PathFact>;
  /** One for each address; none: no TURN server is configured. */
  readonly relays: Step<readonly RelayFact[]>;
  readonly upload: Step<RateFact>;
  readonly download: Step<RateFact>;
}

const WAITING = { status: 'waiting' } as const;

export const NOTHING_YET: Report = {
  isRunning: false,
  server: WAITING,
  devices: WAITING,
  udp: WAITING,
  tcp: WAITING,
  relays: WAITING,
  upload: WAITING,
  download: WAITING,
};
