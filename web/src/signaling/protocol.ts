// The room dialect, made from signaling/messages/{records,requests,notices,media}. Do not edit:
// python -m signaling.messages.typescript > web/src/signaling/protocol.ts

/** Machine codes of the `error` message; `PROTOCOL.md` explains each. */
export type ErrorCode =
  | 'bad-message'
  | 'unknown-type'
  | 'frame-too-large'
  | 'too-many-requests'
  | 'room-not-found'
  | 'room-full'
  | 'server-full'
  | 'server-draining'
  | 'room-exists'
  | 'too-many-rooms'
  | 'not-a-member'
  | 'target-not-in-room'
  | 'target-not-connected'
  | 'name-taken'
  | 'name-invalid'
  | 'id-taken'
  | 'wrong-password'
  | 'not-allowed'
  | 'sfu-required'
  | 'sfu-unavailable'
  | 'wrong-mode'
  | 'transport-not-found'
  | 'producer-not-found'
  | 'consumer-not-found'
  | 'cannot-consume'
  | 'unsupported-media'
  | 'invalid-parameters'
  | 'media-refused'
  | 'too-many'
  | 'token-required'
  | 'token-invalid'
  | 'not-permitted';

/**
 * Who speaks: to those who enter, and to all when it has changed.
 *
 * Attributes:
 * dominant: The member who has the floor, or had it last; null before anybody spoke, or when
 * that member publishes no voice any more.
 * speakers: Members by when they had the floor last, the latest first.
 * loudest_only: Whether only the loudest voices are forwarded now: then that nothing comes of
 * a microphone means nothing.
 */
export interface ActiveSpeakers {
  type: 'active-speakers';
  roomId: string;
  dominant: string | null;
  speakers: string[];
  loudestOnly: boolean;
}

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

/** Receive it no longer. */
export interface CloseConsumer {
  type: 'close-consumer';
  id?: string | number;
  roomId: string;
  consumerId: string;
}

/** Receive its messages no longer. */
export interface CloseDataConsumer {
  type: 'close-data-consumer';
  id?: string | number;
  roomId: string;
  dataConsumerId: string;
}

/** Publish messages no longer. */
export interface CloseDataProducer {
  type: 'close-data-producer';
  id?: string | number;
  roomId: string;
  dataProducerId: string;
}

/** Publish it no longer. */
export interface CloseProducer {
  type: 'close-producer';
  id?: string | number;
  roomId: string;
  producerId: string;
}

/** End the room with everybody in it (grant `admin`). */
export interface CloseRoom {
  type: 'close-room';
  id?: string | number;
  roomId: string;
}

/** Close a transport and all that is on it. */
export interface CloseTransport {
  type: 'close-transport';
  id?: string | number;
  roomId: string;
  transportId: string;
}

/** Our DTLS fingerprints and role. */
export interface ConnectTransport {
  type: 'connect-transport';
  id?: string | number;
  roomId: string;
  transportId: string;
  dtlsParameters: unknown;
}

/** Receive a producer's media on a transport of direction `recv`; it begins paused. */
export interface Consume {
  type: 'consume';
  id?: string | number;
  roomId: string;
  transportId: string;
  producerId: string;
  rtpCapabilities: unknown;
  paused?: boolean;
}

/**
 * Receive a data producer's messages on a transport of direction `recv`.
 *
 * `paused`: messages wait on the server until `resume-data-consumer`, because a browser drops
 * those for a channel it does not know yet.
 */
export interface ConsumeData {
  type: 'consume-data';
  id?: string | number;
  roomId: string;
  transportId: string;
  dataProducerId: string;
  paused?: boolean;
}

/** Ready to be received. */
export interface Consumed {
  type: 'consumed';
  id?: string | number;
  roomId: string;
  consumer: Consumer;
}

/** A producer's media on its way to the one who asked. */
export interface Consumer {
  id: string;
  producerId: string;
  kind: 'audio' | 'video';
  type: 'simple' | 'simulcast' | 'svc';
  rtpParameters: unknown;
  producerPaused: boolean;
}

/** Make a room; its sender is host and member from this moment. */
export interface CreateRoom {
  type: 'create-room';
  id?: string | number;
  payload: CreateRoomPayload;
}

/**
 * The wish for a room. `member_name` and `instance` describe its creator.
 *
 * `mode` pins how its media travels; without it the server decides. `token` lets its bearer
 * create rooms, where that takes one.
 */
export interface CreateRoomPayload {
  name: string;
  maxParticipants?: number;
  metadata?: RoomMetadata;
  password?: string | null;
  mode?: 'mesh' | 'sfu' | null;
  memberName?: string | null;
  instance?: string | null;
  token?: string | null;
}

/** Ready to be received. */
export interface DataConsumed {
  type: 'data-consumed';
  id?: string | number;
  roomId: string;
  dataConsumer: DataConsumer;
}

/** A data producer's messages on their way to the one who asked. */
export interface DataConsumer {
  id: string;
  dataProducerId: string;
  sctpStreamParameters: unknown;
  label: string;
  protocol: string;
}

/** We no longer receive a data producer's messages; `reason`: `too-slow` to read them. */
export interface DataConsumerRemoved {
  type: 'data-consumer-removed';
  roomId: string;
  dataConsumerId: string;
  reason: string;
}

/** Published; the others hear of it at the same time. */
export interface DataProduced {
  type: 'data-produced';
  id?: string | number;
  roomId: string;
  dataProducerId: string;
}

/** A channel on which a member publishes messages. */
export interface DataProducer {
  id: string;
  memberId: string;
  label: string;
  protocol: string;
}

/** Another member publishes messages. */
export interface DataProducerAdded {
  type: 'data-producer-added';
  roomId: string;
  dataProducer: DataProducer;
}

/** A data producer is gone; so are its data consumers. */
export interface DataProducerRemoved {
  type: 'data-producer-removed';
  roomId: string;
  dataProducerId: string;
}

/** Ask for the room's router and what is published there; from now on, be told of changes. */
export interface EnterSfu {
  type: 'enter-sfu';
  id?: string | number;
  roomId: string;
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

/**
 * What a member may do; see `grants`. The defaults are everybody's.
 *
 * Attributes:
 * publish: Send sound and pictures.
 * subscribe: Receive sound and pictures.
 * data: Send messages: chat, and on data channels.
 * moderate: Do what a host may, and take members out.
 * admin: All that, and close the room.
 */
export interface Grants {
  publish: boolean;
  subscribe: boolean;
  data: boolean;
  moderate: boolean;
  admin: boolean;
}

/** We could not build the new way. */
export interface HandOverFailed {
  type: 'hand-over-failed';
  id?: string | number;
  roomId: string;
  generation: number;
}

/** Our new way stands, beside the old one. */
export interface HandOverReady {
  type: 'hand-over-ready';
  id?: string | number;
  roomId: string;
  generation: number;
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

/** New credentials for the transport. */
export interface IceRestarted {
  type: 'ice-restarted';
  id?: string | number;
  roomId: string;
  transportId: string;
  iceParameters: unknown;
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

/**
 * Whom to admit where.
 *
 * `ticket` reopens a room that a restarted server has forgotten; `token` admits, and says as
 * whom and what for.
 */
export interface JoinRoomPayload {
  roomId: string;
  name?: string | null;
  password?: string | null;
  instance?: string | null;
  ticket?: string | null;
  token?: string | null;
}

/**
 * The layers that one of our consumers receives now; null when none is to be had.
 *
 * `limited`: why there are not as many as we wished for; null when there are, or soon will be.
 */
export interface LayersChanged {
  type: 'layers-changed';
  roomId: string;
  consumerId: string;
  spatialLayer: number | null;
  temporalLayer: number | null;
  limited: 'bandwidth' | 'publisher' | null;
}

/**
 * How many spatial layers of our producer anybody may want, the lowest first; 0: none.
 *
 * The others need not be sent, until it is said that they are wanted again.
 */
export interface LayersWanted {
  type: 'layers-wanted';
  roomId: string;
  producerId: string;
  spatialLayers: number;
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
 * `user_id`: whom the application that let it in says it is; absent for guests.
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
  userId?: string;
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

/**
 * How the room's media travels from now on, or something about it that members may see.
 *
 * Only with this may the way of before be given up. With an unchanged generation the mode is
 * unchanged too.
 */
export interface ModeChanged {
  type: 'mode-changed';
  mode: 'mesh' | 'sfu';
  generation: number;
  reason: string;
  strained: boolean;
  prewarm: boolean;
  pins: Pin[];
  unreachable: string[];
  core: string[] | null;
  ticket: string;
  roomId: string;
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

/** Make ready for a WebRTC connection to the SFU. */
export interface OpenTransport {
  type: 'open-transport';
  id?: string | number;
  roomId: string;
  direction: 'recv' | 'send';
}

/** Why a room may not choose its mode; `member`: who is behind it, if a member is. */
export interface Pin {
  mode: 'mesh' | 'sfu';
  reason: 'grants' | 'host' | 'plain-client';
  member: string | null;
}

/** The host decides how the room's media travels, or (null) leaves it to the server. */
export interface PinMode {
  type: 'pin-mode';
  id?: string | number;
  roomId: string;
  mode: 'mesh' | 'sfu' | null;
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

/**
 * The room is to change its mode: build the new way beside the old one, and answer.
 *
 * `hand-over-ready` or `hand-over-failed` with this generation, within so many `seconds`;
 * `mode-changed` with this generation or a higher one ends it, whichever mode that names.
 */
export interface PrepareHandOver {
  type: 'prepare-hand-over';
  roomId: string;
  mode: 'mesh' | 'sfu';
  generation: number;
  reason: string;
  seconds: number;
}

/** Publish media on a transport of direction `send`. */
export interface Produce {
  type: 'produce';
  id?: string | number;
  roomId: string;
  transportId: string;
  kind: 'audio' | 'video';
  source: 'camera' | 'microphone' | 'screen' | 'screen-audio';
  rtpParameters: unknown;
  paused?: boolean;
}

/** Publish messages on an SCTP stream of a transport of direction `send`. */
export interface ProduceData {
  type: 'produce-data';
  id?: string | number;
  roomId: string;
  transportId: string;
  sctpStreamParameters: unknown;
  label?: string;
  protocol?: string;
}

/** Published; the others hear of it at the same time. */
export interface Produced {
  type: 'produced';
  id?: string | number;
  roomId: string;
  producerId: string;
}

/** Something that a member publishes. */
export interface Producer {
  id: string;
  memberId: string;
  kind: 'audio' | 'video';
  source: 'camera' | 'microphone' | 'screen' | 'screen-audio';
  paused: boolean;
}

/** Another member publishes something. */
export interface ProducerAdded {
  type: 'producer-added';
  roomId: string;
  producer: Producer;
}

/** A producer was paused or resumed. */
export interface ProducerChanged {
  type: 'producer-changed';
  roomId: string;
  producerId: string;
  paused: boolean;
}

/** A producer is gone; so are its consumers. */
export interface ProducerRemoved {
  type: 'producer-removed';
  roomId: string;
  producerId: string;
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

/** Take a member out, whose token opens this room no more (grant `moderate`). */
export interface RemoveMember {
  type: 'remove-member';
  id?: string | number;
  roomId: string;
  memberId: string;
}

/** How long the worst of our pictures stood still in a hand-over that is over. */
export interface ReportGap {
  type: 'report-gap';
  id?: string | number;
  roomId: string;
  generation: number;
  milliseconds: number;
}

/** For seconds, a mesh has been more than our processor or uplink can carry. */
export interface ReportLimited {
  type: 'report-limited';
  id?: string | number;
  roomId: string;
  by: 'bandwidth' | 'cpu';
}

/** Whether we reach the SFU, from a room that has been told to connect to it early. */
export interface ReportSfu {
  type: 'report-sfu';
  id?: string | number;
  roomId: string;
  reachable: boolean;
}

/** We have begun to speak: should the SFU be lost, the latest speakers stay connected. */
export interface ReportSpeaking {
  type: 'report-speaking';
  id?: string | number;
  roomId: string;
}

/** Ask for a picture that stands alone. */
export interface RequestKeyFrame {
  type: 'request-key-frame';
  id?: string | number;
  roomId: string;
  consumerId: string;
}

/** Ask for new ICE credentials of a transport, whose media goes on. */
export interface RestartIce {
  type: 'restart-ice';
  id?: string | number;
  roomId: string;
  transportId: string;
}

/** Continue as the member that `resume_token` names, after `received` frames of it. */
export interface Resume {
  type: 'resume';
  id?: string | number;
  resumeToken: string;
  received?: number;
}

/** Begin to receive: the channel stands on our side, and what waited for it may come. */
export interface ResumeDataConsumer {
  type: 'resume-data-consumer';
  id?: string | number;
  roomId: string;
  dataConsumerId: string;
}

/**
 * A room as its members see it.
 *
 * `max_participants` is what its creator asked for (0 = no limit), `capacity` what the
 * server can hold in it now.
 */
export interface Room {
  mode: 'mesh' | 'sfu';
  generation: number;
  reason: string;
  strained: boolean;
  prewarm: boolean;
  pins: Pin[];
  unreachable: string[];
  core: string[] | null;
  ticket: string;
  id: string;
  name: string;
  createdAt: string;
  host: string | null;
  maxParticipants: number;
  participants: string[];
  metadata: RoomMetadata;
  members: Member[];
  state: 'active' | 'empty' | 'in-call';
  capacity: number;
  hasPassword: boolean;
  reopened: boolean;
}

/** The room is gone and everybody with it. */
export interface RoomClosed {
  type: 'room-closed';
  roomId: string;
  reason: 'closed-by-operator' | 'empty' | 'expired';
}

/** The new room, with its creator in it; `grants`: what that may do, if a token says so. */
export interface RoomCreated {
  type: 'room-created';
  id?: string | number;
  room: Room;
  grants?: Grants;
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

/** The room, with the joiner in it; `grants` as in `RoomCreated`. */
export interface RoomJoined {
  type: 'room-joined';
  id?: string | number;
  room: Room;
  grants?: Grants;
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

/** The SFU process is gone with everything in it; `enter-sfu` again for the next router. */
export interface RouterLost {
  type: 'router-lost';
  roomId: string;
  routerId: string;
}

/**
 * The room moves to another SFU process: `enter-sfu` again, beside the router of before.
 *
 * That one goes on until everybody has closed the transport it receives on there, or for so many
 * `seconds`; `router-lost` with its id ends it.
 */
export interface RouterMoved {
  type: 'router-moved';
  roomId: string;
  routerId: string;
  seconds: number;
}

/**
 * To those in rooms: something is about to be restarted, in so many `seconds` at most.
 *
 * `part`: `signaling`: calls go on meanwhile; `media`: this room's pictures and voices pause
 * then, because no other SFU process takes it, and it is too large for a mesh.
 */
export interface ServerDraining {
  type: 'server-draining';
  part: 'media' | 'signaling';
  seconds: number;
}

/** Pause, resume, prefer layers, say what it matters; what is left out stays as it was. */
export interface SetConsumer {
  type: 'set-consumer';
  id?: string | number;
  roomId: string;
  consumerId: string;
  paused?: boolean | null;
  spatialLayer?: number | null;
  temporalLayer?: number | null;
  priority?: number | null;
}

/** Pause or resume what we publish. */
export interface SetProducer {
  type: 'set-producer';
  id?: string | number;
  roomId: string;
  producerId: string;
  paused: boolean;
}

/**
 * The room's router. `transports`: those of ours that are still open; keep only these.
 *
 * `producers` and `data_producers` are everybody's, our own included.
 */
export interface SfuEntered {
  type: 'sfu-entered';
  id?: string | number;
  roomId: string;
  routerId: string;
  rtpCapabilities: unknown;
  transports: string[];
  producers: Producer[];
  dataProducers: DataProducer[];
}

/** What the page needs to connect a transport. */
export interface Transport {
  id: string;
  iceParameters: unknown;
  iceCandidates: unknown;
  dtlsParameters: unknown;
  sctpParameters?: unknown;
}

/** One of our transports ended, with all that was on it; open another. */
export interface TransportClosed {
  type: 'transport-closed';
  roomId: string;
  transportId: string;
  reason: string;
}

/** The SFU is ready to be connected to. */
export interface TransportOpened {
  type: 'transport-opened';
  id?: string | number;
  roomId: string;
  transport: Transport;
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
  | IceServersRequest
  | HandOverReady
  | HandOverFailed
  | ReportSfu
  | ReportLimited
  | ReportSpeaking
  | ReportGap
  | PinMode
  | RemoveMember
  | CloseRoom
  | EnterSfu
  | OpenTransport
  | ConnectTransport
  | RestartIce
  | CloseTransport
  | Produce
  | SetProducer
  | CloseProducer
  | Consume
  | SetConsumer
  | RequestKeyFrame
  | CloseConsumer
  | ProduceData
  | CloseDataProducer
  | ConsumeData
  | ResumeDataConsumer
  | CloseDataConsumer;

export type ServerMessage =
  | ClientId
  | RoomCreated
  | RoomJoined
  | MemberJoined
  | MemberLeft
  | MemberPresence
  | HostChanged
  | PrepareHandOver
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
  | ServerDraining
  | Goodbye
  | Pong
  | Ok
  | Error
  | SfuEntered
  | TransportOpened
  | IceRestarted
  | Produced
  | Consumed
  | DataProduced
  | DataConsumed
  | ProducerAdded
  | ProducerChanged
  | ProducerRemoved
  | DataProducerAdded
  | DataProducerRemoved
  | DataConsumerRemoved
  | LayersChanged
  | ActiveSpeakers
  | LayersWanted
  | TransportClosed
  | RouterLost
  | RouterMoved;
