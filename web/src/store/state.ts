/** The shape of the store. Everything here is serialisable; streams and connections are not here. */

import type { Health, Mode, PictureLimit } from '../session/media_session';
import type { ConnectionStatus, PeerPhase } from '../session/peer_phase';
import type { Availability } from '../session/presence';
import type { PeerStatistics } from '../session/statistics';
import type { StreamSource } from '../session/streams';
import type { ErrorCode, Features, Grants, Limits, Room, RoomSummary } from '../signaling/protocol';
import type { Reaction } from './call/reactions';
import type { Invitation } from './invitation';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly avatar: string | null;
  readonly status: Availability;
}

export interface AuthState {
  isAuthenticated: boolean;
  user: User | null;
  token: string | null;
  /** What the token says; to be shown, for the server decides. */
  invitation: Invitation | null;
  loading: boolean;
  error: Failure | null;
}

/**
 * Why something did not work: the server's code, or one of ours.
 *
 * `timeout`, `offline`: the server did not answer, or could not be asked. `left`: we changed our
 * mind before we were let in.
 */
export interface Failure {
  readonly code: ErrorCode | 'timeout' | 'offline' | 'left';
  readonly message: string;
}

export interface PeerConnectionState {
  status: ConnectionStatus;
  /** The finer state behind `status`: tells reconnecting from connecting. */
  phase: PeerPhase;
  /** Whether media has ever flowed on this link: what to show while it does not. */
  wasConnected: boolean;
  stats: PeerStatistics | null;
  error: string | null;
}

/**
 * - `idle`: not started, or disconnected by the person
 * - `connecting`: the first connection is being made
 * - `connected`
 * - `reconnecting`: lost, and being restored
 * - `disconnected`: several attempts failed, or the server told us to stay away; see `goodbye`
 */
export type SignalingStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'disconnected';

export interface SignalingState {
  status: SignalingStatus;
  /** Failed attempts since the last connection. */
  attempts: number;
  /** Our id in every room. */
  memberId: string | null;
  serverVersion: string | null;
  limits: Limits | null;
  /** What the server can do. */
  features: Features | null;
  /** What the server said before it closed the connection. */
  goodbye: { readonly code: string; readonly message: string; readonly reconnect: boolean } | null;
}

export interface RtcConnectionState {
  connections: Record<string, PeerConnectionState>;
  /** What pictures lack, by `source:member`; those that lack nothing are not there. */
  pictureLimits: Record<string, PictureLimit>;
  audioEnabled: boolean;
  videoEnabled: boolean;
  screenSharing: boolean;
  signaling: SignalingState;
}

export interface Participant {
  id: string;
  userId: string;
  name: string;
  email: string | null;
  avatar: string | null;
  status: Availability;
  audioEnabled: boolean;
  videoEnabled: boolean;
  screenSharing: boolean;
  /** Whether the member's own connection to the server stands. */
  online: boolean;
  joinedAt: string;
  /** Since when the hand is up, in milliseconds since 1970 by its owner's clock; null: it is not. */
  raisedAt: number | null;
}

export interface ParticipantsState {
  list: Participant[];
  /** Ourselves, without media flags: those are the connection slice's. */
  localParticipant: Participant | null;
  /** Who is pinned to the stage, or whose screen; null: nobody. */
  selectedParticipantId: string | null;
  /** Who has spoken, ourselves included, by when they had the floor last: the latest first. */
  speakers: string[];
  selectedSource: StreamSource;
}

export interface InvitationsState {
  sent: readonly never[];
  received: readonly never[];
  filter: { type: 'all'; status: 'all'; search: string };
}

/** The room has gone over from one mode to the other. */
export interface HandOver {
  readonly from: Mode;
  readonly to: Mode;
  readonly generation: number;
  /** The longest that a picture stood still, in milliseconds; null: there was none to see. */
  readonly gap: number | null;
  /** Milliseconds. */
  readonly took: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export type RoomSort = 'newest' | 'name' | 'people';

export interface RoomPreview {
  readonly room: RoomSummary;
  /** Names of who is in; empty where a password is asked. */
  readonly people: readonly string[];
}

export interface RoomState {
  list: RoomSummary[];
  /** Whether the list was ever asked for: then it is kept up to date. */
  listed: boolean;
  /** Public rooms in all, of which `list` may hold fewer. */
  total: number;
  /** From the address bar; the room one looks at, joined or not. */
  currentRoomId: string | null;
  /** The room one is in. */
  currentRoom: Room | null;
  /** What we may do there, by the server's word; null: what every guest may. */
  grants: Grants | null;
  /** The room in the address bar from its door; null: not asked, or not to be seen. */
  preview: RoomPreview | null;
  /** A large mesh: the server says it is at the edge of what works. */
  strained: boolean;
  /** A hand-over that is being prepared. */
  moving: { readonly mode: Mode; readonly generation: number } | null;
  /** The last hand-over that was carried out while we were in. */
  lastHandOver: HandOver | null;
  /** How our own share of the way stands; null: nothing is known. */
  way: { readonly mode: Mode; readonly health: Health } | null;
  filter: { search: string; sortBy: RoomSort };
  loading: 'list' | 'preview' | 'create' | 'join' | null;
  error: Failure | null;
}

export interface ChatEntry {
  /** Stable for the life of the message, also when it gets its place: for React keys. */
  readonly key: string;
  readonly roomId: string;
  readonly from: string;
  readonly name: string;
  readonly text: string;
  readonly sentAt: string;
  readonly nonce: string | null;
  /** The server's name for it; null while it is only on its way. */
  readonly messageId: string | null;
  readonly order: number | null;
  /** Grows when a restarted server numbers anew. */
  readonly epoch: number;
  readonly status: 'pending' | 'delivered' | 'failed';
  readonly own: boolean;
}

export interface MessagesState {
  byRoom: Record<string, { entries: ChatEntry[]; epoch: number }>;
  unreadCount: number;
  /** Whether the chat is being looked at: what arrives then is not unread. */
  open: boolean;
  loading: boolean;
}

export interface ShownReaction {
  readonly id: string;
  readonly memberId: string;
  readonly reaction: Reaction;
}

export interface ReactionsState {
  shown: ShownReaction[];
}

/** How the people of a call are laid out; see `ui/layout`. */
export type StageLayout = 'grid' | 'speaker' | 'stage';

export interface StageState {
  layout: StageLayout;
}

export type Page = 'login' | 'dashboard' | 'room' | 'settings' | 'check';
export type Theme = 'light' | 'dark';

export type NotificationCode =
  | 'member-joined'
  | 'member-left'
  | 'host-changed'
  | 'room-closed'
  | 'room-lost'
  | 'goodbye'
  | 'screen-failed'
  | 'device-lost'
  | 'device-switched'
  | 'mode-pinned'
  | 'mode-unpinned'
  | 'data-slow'
  | 'server-draining'
  | 'hand-raised'
  | 'failure'
  | 'update';

/** Something to tell; the words are the page's, `values` fill them. */
export interface Notification {
  readonly id: string;
  readonly code: NotificationCode;
  readonly tone: 'info' | 'warning' | 'error';
  readonly values: Readonly<Record<string, string>>;
}

export interface DashboardState {
  /** From the address bar. */
  currentPage: Page;
  sidebarOpen: boolean;
  theme: Theme;
  notifications: Notification[];
  loading: boolean;
}

export interface RootState {
  auth: AuthState;
  rtcConnection: RtcConnectionState;
  participants: ParticipantsState;
  invitations: InvitationsState;
  room: RoomState;
  messages: MessagesState;
  reactions: ReactionsState;
  stage: StageState;
  dashboard: DashboardState;
}
