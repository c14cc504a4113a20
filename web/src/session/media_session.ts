/**
 * What a call is for everybody above it, however its media travels.
 *
 * Two engines implement it: the mesh, and the one that talks to a server which forwards media. A
 * session knows who should be connected, what we send, and tells what happens as a single stream
 * of events.
 */

import type { Ask } from '../signaling/port';
import type { IceServer, Member, Room, ServerMessage } from '../signaling/protocol';
import type { PeerPhase } from './peer_phase';
import type { PeerStatistics } from './statistics';
import type { StreamSource } from './streams';

/** What we send; null: nothing of that kind. A muted microphone is a track with `enabled` false. */
export interface LocalTracks {
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly screenAudio: MediaStreamTrack | null;
}

export const NO_TRACKS: LocalTracks = {
  microphone: null,
  camera: null,
  screen: null,
  screenAudio: null,
};

/** A description or candidate on its way to one member. */
export interface OutgoingSignal {
  readonly type: 'offer' | 'answer' | 'ice-candidate';
  readonly to: string;
  readonly payload: unknown;
}

/** A description or candidate from a member; the payload is whatever they sent. */
export interface IncomingSignal {
  readonly type: 'offer' | 'answer' | 'ice-candidate';
  readonly from: string;
  readonly payload: unknown;
}

/** What the server says, unasked, about media that travels through it. */
export type MediaNotice = Extract<
  ServerMessage,
  {
    type:
      | 'producer-added'
      | 'producer-changed'
      | 'producer-removed'
      | 'data-producer-added'
      | 'data-producer-removed'
      | 'data-consumer-removed'
      | 'layers-changed'
      | 'active-speakers'
      | 'layers-wanted'
      | 'transport-closed'
      | 'router-moved'
      | 'router-lost';
  }
>;

export type SessionEvent =
  | { readonly type: 'phase'; readonly memberId: string; readonly phase: PeerPhase }
  | {
      readonly type: 'stream';
      readonly memberId: string;
      readonly source: StreamSource;
      /** The same stream is told again whenever its tracks have changed. */
      readonly stream: MediaStream | null;
    }
  /**
   * What a member publishes, null: nothing is known. `byServer`: better than the member's own word;
   * otherwise what arrives, for want of one.
   */
  | {
      readonly type: 'published';
      readonly memberId: string;
      readonly published: Published | null;
      readonly byServer: boolean;
    }
  /** Why a member's picture is not as good as we wish; null: it is. Only a server says so. */
  | {
      readonly type: 'limited';
      readonly memberId: string;
      readonly source: StreamSource;
      readonly limit: PictureLimit | null;
    }
  /** Messages can be exchanged with a member, or cannot any more. */
  | { readonly type: 'channel'; readonly memberId: string; readonly isOpen: boolean }
  /** A member said something; see `session/data`. */
  | {
      readonly type: 'data';
      readonly memberId: string;
      readonly text: string;
      readonly lossy: boolean;
    }
  | {
      readonly type: 'statistics';
      readonly memberId: string;
      readonly statistics: PeerStatistics;
    }
  | {
      readonly type: 'levels';
      readonly levels: ReadonlyMap<string, number>;
    }
  | { readonly type: 'removed'; readonly memberId: string }
  /** Packets that came steadily have stopped coming: the network may be another one. */
  | { readonly type: 'stalled' }
  /** How things stand with our own share of the way; see `Health`. */
  | { readonly type: 'health'; readonly health: Health };

/**
 * Our own share of the way: `ready` when what we send can flow, as far as it depends on us: the
 * server is reached and all our tracks are published there, or every member is connected;
 * `slow` when the server is reached, and that is all for too long; `failed` when that has been tried
 * in vain, and is tried again.
 */
export type Health = 'opening' | 'ready' | 'slow' | 'failed';

/** What a member's picture lacks. */
export interface PictureLimit {
  /** Our network does not carry more, or the member does not send it. */
  readonly by: 'bandwidth' | 'publisher';
  /** Nothing comes for now: the last frame stands. */
  readonly paused: boolean;
}

/** Which of a member's tracks carry anything. */
export interface Published {
  readonly audio: boolean;
  readonly video: boolean;
  readonly screen: boolean;
}

export interface DataOptions {
  /** One member, or (null) everybody. */
  readonly to: string | null;
  /** May be lost, and overtake; never waits for anything. */
  readonly lossy: boolean;
}

/** What an engine needs from outside. */
export interface MediaSessionContext {
  /** Our own member id; decides who makes the first offer. */
  readonly memberId: string;
  readonly roomId: string;
  readonly iceServers: readonly IceServer[];
  /** False: connects, and opens channels, but neither sends nor receives media; see `setLive`. */
  readonly isLive: boolean;
  /** Asks the server about media that travels through it. */
  readonly request: Ask;
  readonly send: (signal: OutgoingSignal) => void;
  readonly emit: (event: SessionEvent) => void;
}

/** How a room's media travels. */
export type Mode = Room['mode'];

export interface MediaSession {
  readonly mode: Mode;
  /**
   * The room's members besides us, as the server lists them. `partial`: the server has just
   * reopened the room and lists only who is back; links to the others are kept for a while.
   */
  setMembers(members: readonly Member[], partial: boolean): void;
  /** Somebody entered, or entered again; another `instance` than before means a new page. */
  addMember(member: Member): void;
  /** Somebody left for good. */
  removeMember(memberId: string): void;
  /** A member's signaling connection is back: what could not reach it is tried again. */
  memberReachable(memberId: string): void;
  /** The server could not deliver to this member; it is left alone until it shows up again. */
  memberUnreachable(memberId: string): void;
  receive(signal: IncomingSignal): void;
  /** The server has something to say about media that travels through it. */
  hear(notice: MediaNotice): void;
  /** How many device pixels high a member's picture is shown; 0: nobody looks at it. */
  setShownHeight(memberId: string, source: StreamSource, height: number): void;
  /** Exchanges what is sent, without renegotiation where possible. */
  publish(tracks: LocalTracks): void;
  /** Whether media is sent and received, or the way is only kept ready for it. */
  setLive(isLive: boolean): void;
  /** Sends on the channels that are open; whether any took it. */
  send(text: string, options: DataOptions): boolean;
  setIceServers(servers: readonly IceServer[]): void;
  /** Our own signaling is back after a gap: repeats what may have been lost. */
  signalingRestored(): void;
  /** Tries again now with everybody who is not connected. */
  reconnect(memberId?: string): void;
  close(): void;
}

export type MediaSessionFactory = (mode: Mode, context: MediaSessionContext) => MediaSession;
