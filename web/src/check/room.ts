/** A room of our own for as long as the check takes: nobody is asked in, and its media passes the SFU. */

import { SfuServer } from '../sfu/server';
import { Pace } from '../sfu/pace';
import { RequestError, type SignalingPort } from '../signaling/port';
import type { IceServer, SfuEntered } from '../signaling/protocol';

export interface CheckRoom {
  readonly server: SfuServer;
  readonly entered: SfuEntered;
}

/** How we get in, or why not: `not-offered`: there is no media server; `unknown`: not for us. */
export type Admission = CheckRoom | 'not-offered' | 'unknown';

const ROUND_TRIPS = 5;

/** A connection to the server apart from the page's own; close it. */
export class CheckConnection {
  readonly #signaling: SignalingPort;
  #roomId: string | null = null;

  constructor(signaling: SignalingPort) {
    this.#signaling = signaling;
  }

  /** The server's STUN and TURN servers; rejects when it is not reached in time. */
  async open(patience: number): Promise<readonly IceServer[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        stop();
        reject(new RequestError('timeout', ''));
      }, patience);
      const stop = this.#signaling.subscribe((event) => {
        if (event.type !== 'session') return;
        clearTimeout(timer);
        stop();
        resolve(event.greeting.iceServers);
      });
      this.#signaling.connect();
    });
  }

  /** Milliseconds there and back: the median of several. */
  async roundTrip(now: () => number): Promise<number> {
    const took: number[] = [];
    for (let turn = 0; turn < ROUND_TRIPS; turn += 1) {
      const begun = now();
      await this.#signaling.request({ type: 'ice-servers' });
      took.push(now() - begun);
    }
    return median(took);
  }

  /** Into a room of one's own, and on into the media server. */
  async enter(name: string, token: string | null): Promise<Admission> {
    try {
      const { room } = await this.#signaling.request({
        type: 'create-room',
        payload: {
          name,
          maxParticipants: 1,
          metadata: { description: '', private: true, history: false },
          mode: 'sfu',
          instance: name,
          token,
        },
      });
      this.#roomId = room.id;
      if (room.mode !== 'sfu') return 'not-offered';
      const server = new SfuServer(
        { roomId: room.id, request: (request) => this.#signaling.request(request) },
        new Pace(() => performance.now()),
      );
      return { server, entered: await server.enter() };
    } catch (error) {
      const isMissing = error instanceof RequestError && error.code === 'sfu-unavailable';
      return isMissing ? 'not-offered' : 'unknown';
    }
  }

  close(): void {
    if (this.#roomId !== null) {
      this.#signaling.send({ type: 'leave-room', payload: { roomId: this.#roomId } });
    }
    this.#signaling.disconnect();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
