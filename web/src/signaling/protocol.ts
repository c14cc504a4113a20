// The room dialect, generated from signaling/messages/{records,requests,notices}.py. Do not edit:
// python -m signaling.messages.typescript > web/src/signaling/protocol.ts

/** Machine codes of the `error` message; `PROTOCOL.md` explains each. */
export type ErrorCode =
  | 'bad-message'
  | 'unknown-type'
  | 'frame-too-large'
  | 'too-many-requests'
  | 'room-not-found'
  | 'room-full'
  | 'room-exists'
  | 'too-many-rooms'
  | 'not-a-member'
  | 'target-not-in-room'
  | 'target-not-connected'
  | 'name-taken'
  | 'name-invalid'
  | 'id-taken'
  | 'wrong-password'
  | 'not-allowed';

/** The session description that closes it. */
export interface Answer {
  type: 'answer';
  id?: string | number;
  to: string;
  payload: unknown;
  roomId?: string | null;
}

/** Say something to the room; in legacy direct mode `to` one client, without a room. */
export interface Chat {
  type: 'chat';
  id?: string | number;
  payload: string;
  roomId?: string | null;
  to?: string | null;
  nonce?: string | null;
}

/** A chat message, to every member and its sender; the sender's copy carries its `id`. */
export interface ChatDelivered {
  type: 'chat';
  messageId: string;
  order: number;
  roomId: string;
  from: string;
  name: string | null;
  payload: string;
  sentAt: string;
  nonce: string | null;
  id?: string | number;
}

/** The room's last messages, oldest first. */
export interface ChatHistory {
  type: 'chat-history';
  id?: string | number;
  roomId: string;
  messages: ChatMessage[];
}

/** Ask for what was said after the message with this order. */
export interface ChatHistoryRequest {
  type: 'chat-history';
  id?: string | number;
  roomId: string;
  after?: number;
}

/**
 * A chat message with its place in the room: `order` counts from 1 without gaps.
 *
 * `nonce` is the sender's own name for it, by which a copy that came over a data channel
 * is recognised as the same message.
 */
export interface ChatMessage {
  messageId: string;
  order: number;
  roomId: string;
  from: string;
  name: string | null;
  payload: string;
  sentAt: string;
  nonce: string | null;
}

/**
 * The greeting: who this connection is.
 *
 * Sent at connect and again in answer to `resume`. `resumed`: the session of before lives
 * on and what it missed follows; otherwise rooms have to be joined again. `ice_servers_ttl`:
 * seconds after which to ask for new ones, 0 = never.
 */
export interface ClientId {
  type: 'client-id';
  id: string;
  features: Features;
  limits: Limits;
  iceServers: IceServer[];
  iceServersTtl: number;
  resumeToken: string;
  resumed: boolean;
  version: string;
}

/** Everybody connected (legacy direct mode). */
export interface ClientsList {
  type: 'clients-list';
  id?: string | number;
  clients: string[];
}

/** Make a room; its sender is host and member from this moment. */
export interface CreateRoom {
  type: 'create-room';
  id?: string | number;
  payload: CreateRoomPayload;
}

/** The wish for a room. `member_name` and `instance` describe its creator. */
export interface CreateRoomPayload {
  name: string;
  maxParticipants?: number;
  metadata?: RoomMetadata;
  password?: string | null;
  memberName?: string | null;
  instance?: string | null;
}

/** A request was refused, or a frame could not be understood. */
export interface Error {
  type: 'error';
  code: ErrorCode;
  message: string;
  id?: string | number;
  channel?: string;
  roomId?: string;
  to?: string;
}

/** What this server can do; `legacy_direct`: messages without a room id are relayed. */
export interface Features {
  legacyDirect: boolean;
  resume: boolean;
  sfu: boolean;
}

/**
 * The last message before the server closes this connection, and why.
 *
 * `reconnect`: whether coming back makes sense.
 */
export interface Goodbye {
  type: 'goodbye';
  code: string;
  message: string;
  reconnect: boolean;
}

/** The room has a new host. */
export interface HostChanged {
  type: 'host-changed';
  roomId: string;
  host: string;
}

/** One trickled candidate (RFC 8838). */
export interface IceCandidate {
  type: 'ice-candidate';
  id?: string | number;
  to: string;
  payload: unknown;
  roomId?: string | null;
}

/** One STUN or TURN server, as `RTCIceServer` (W3C WebRTC §4.2.4). */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** Fresh ICE servers, valid for `ttl` seconds (0 = for ever). */
export interface IceServers {
  type: 'ice-servers';
  id?: string | number;
  iceServers: IceServer[];
  ttl: number;
}

/** Ask for fresh TURN credentials. */
export interface IceServersRequest {
  type: 'ice-servers';
  id?: string | number;
}

/** Enter a room; harmless for somebody who is in it already. */
export interface JoinRoom {
  type: 'join-room';
  id?: string | number;
  payload: JoinRoomPayload;
}

/** Whom to admit where. `ticket` reopens a room that a restarted server has forgotten. */
export interface JoinRoomPayload {
  roomId: string;
  name?: string | null;
  password?: string | null;
  instance?: string | null;
  ticket?: string | null;
}

/** Leave a room at once, without grace time. */
export interface LeaveRoom {
  type: 'leave-room';
  id?: string | number;
  payload: LeaveRoomPayload;
}

/** The room to leave. */
export interface LeaveRoomPayload {
  roomId: string;
}

/** What a client should keep within. */
export interface Limits {
  frameBytes: number;
  nameLength: number;
  chatLength: number;
  roomMembers: number;
}

/** Ask who is connected (legacy direct mode only). */
export interface ListClients {
  type: 'list-clients';
  id?: string | number;
}

/** Ask for the public rooms, and (unless `updates` is false) for every change of them. */
export interface ListRooms {
  type: 'list-rooms';
  id?: string | number;
  updates?: boolean;
}

/**
 * A participant as others see it.
 *
 * `instance` changes whenever the member's page is loaded anew: peer connections made with
 * an older instance are dead and must be replaced; with the same instance they live on.
 */
export interface Member {
  id: string;
  name: string | null;
  presence: 'online' | 'reconnecting';
  instance: string | null;
  joinedAt: string;
}

/** Somebody entered. `rejoined`: who was here before (reload, second join, restart). */
export interface MemberJoined {
  type: 'member-joined';
  roomId: string;
  memberId: string;
  participants: string[];
  rejoined: boolean;
  member: Member;
}

/** Somebody is gone for good. */
export interface MemberLeft {
  type: 'member-left';
  roomId: string;
  memberId: string;
  participants: string[];
  reason: 'left' | 'removed' | 'timed-out';
}

/** A member's signaling connection dropped, or is back. */
export interface MemberPresence {
  type: 'member-presence';
  roomId: string;
  memberId: string;
  presence: 'online' | 'reconnecting';
}

/** How the room's media travels from now on. `strained`: large for a mesh. */
export interface ModeChanged {
  type: 'mode-changed';
  roomId: string;
  mode: 'mesh' | 'sfu';
  generation: number;
  reason: string;
  strained: boolean;
}

/** A session description that opens a negotiation (RFC 3264). */
export interface Offer {
  type: 'offer';
  id?: string | number;
  to: string;
  payload: unknown;
  roomId?: string | null;
}

/** A request that has no answer of its own was carried out. */
export interface Ok {
  type: 'ok';
  id: string | number;
}

/** Keep-alive; `received` tells the server which frames need not be kept for a resume. */
export interface Ping {
  type: 'ping';
  id?: string | number;
  received?: number | null;
}

/** Answer to `ping`; `timestamp` is Unix time in milliseconds. */
export interface Pong {
  type: 'pong';
  timestamp: number;
  id?: string | number;
}

/** Another member's answer. */
export interface RelayedAnswer {
  type: 'answer';
  from: string;
  payload: unknown;
  roomId?: string;
}

/** Another member's candidate. */
export interface RelayedIceCandidate {
  type: 'ice-candidate';
  from: string;
  payload: unknown;
  roomId?: string;
}

/** Another member's offer. */
export interface RelayedOffer {
  type: 'offer';
  from: string;
  payload: unknown;
  roomId?: string;
}

/** Continue as the member that `resume_token` names, after `received` frames of it. */
export interface Resume {
  type: 'resume';
  id?: string | number;
  resumeToken: string;
  received?: number;
}

/**
 * A room as its members see it.
 *
 * `max_participants` is what its creator asked for (0 = no limit), `capacity` what the
 * server can hold in it now; `strained`: large for a mesh. `ticket` lets a member reopen the
 * room after a server restart.
 */
export interface Room {
  id: string;
  name: string;
  createdAt: string;
  host: string | null;
  maxParticipants: number;
  participants: string[];
  metadata: RoomMetadata;
  members: Member[];
  state: 'active' | 'empty' | 'in-call';
  mode: 'mesh' | 'sfu';
  generation: number;
  strained: boolean;
  capacity: number;
  hasPassword: boolean;
  ticket: string;
  reopened: boolean;
}

/** The room is gone and everybody with it. */
export interface RoomClosed {
  type: 'room-closed';
  roomId: string;
  reason: 'closed-by-operator' | 'empty' | 'expired';
}

/** The new room, with its creator in it. */
export interface RoomCreated {
  type: 'room-created';
  id?: string | number;
  room: Room;
}

/** A room from its door; `people` (their names) is empty where a password is asked. */
export interface RoomInfo {
  type: 'room-info';
  id?: string | number;
  room: RoomSummary;
  people: string[];
}

/** Look at a room before joining it, private ones too: who knows the id was invited. */
export interface RoomInfoRequest {
  type: 'room-info';
  id?: string | number;
  payload: RoomInfoRequestPayload;
}

/** The room to look at. */
export interface RoomInfoRequestPayload {
  roomId: string;
}

/** The room, with the joiner in it. */
export interface RoomJoined {
  type: 'room-joined';
  id?: string | number;
  room: Room;
}

/**
 * What a room says about itself.
 *
 * `private`: not listed, joined by id only. `history`: chat is kept for late joiners.
 */
export interface RoomMetadata {
  description: string;
  private: boolean;
  history: boolean;
}

/** A public room as the list shows it. */
export interface RoomSummary {
  id: string;
  name: string;
  participantCount: number;
  maxParticipants: number;
  capacity: number;
  createdAt: string;
  description: string;
  state: 'active' | 'empty' | 'in-call';
  mode: 'mesh' | 'sfu';
  hasPassword: boolean;
}

/** The public rooms, newest first; `total` may exceed what the list holds. */
export interface RoomsList {
  type: 'rooms-list';
  id?: string | number;
  rooms: RoomSummary[];
  total: number;
}

export type ClientMessage =
  | CreateRoom
  | JoinRoom
  | LeaveRoom
  | ListRooms
  | RoomInfoRequest
  | Offer
  | Answer
  | IceCandidate
  | Chat
  | ChatHistoryRequest
  | ListClients
  | Resume
  | Ping
  | IceServersRequest;

export type ServerMessage =
  | ClientId
  | RoomCreated
  | RoomJoined
  | MemberJoined
  | MemberLeft
  | MemberPresence
  | HostChanged
  | ModeChanged
  | RoomClosed
  | RoomsList
  | RoomInfo
  | RelayedOffer
  | RelayedAnswer
  | RelayedIceCandidate
  | ChatDelivered
  | ChatHistory
  | ClientsList
  | IceServers
  | Goodbye
  | Pong
  | Ok
  | Error;
