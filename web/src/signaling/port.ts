/** The connection to the server as the rest of the page uses it. */

import type { ClientId, ClientMessage, ErrorCode, Goodbye, ServerMessage } from './protocol';

export type LinkStatus = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'disconnected';

export type SignalingEvent =
  | { readonly type: 'status'; readonly status: LinkStatus; readonly attempts: number }
  /**
   * We are somebody now. `resumed`: as before, and what was missed follows; otherwise rooms have
   * to be joined again, and what a listener sends during this call goes out before all else.
   */
  | { readonly type: 'session'; readonly greeting: ClientId; readonly resumed: boolean }
  | { readonly type: 'goodbye'; readonly goodbye: Goodbye }
  /** Everything the server says, answers included, in order. */
  | { readonly type: 'message'; readonly message: ServerMessage };

/** Each kind of request, and what answers it. */
export interface Answers {
  'create-room': 'room-created';
  'join-room': 'room-joined';
  'leave-room': 'ok';
  'list-rooms': 'rooms-list';
  'room-info': 'room-info';
  'chat-history': 'chat-history';
  chat: 'chat';
  'ice-servers': 'ice-servers';
  'enter-sfu': 'sfu-entered';
  'open-transport': 'transport-opened';
  'connect-transport': 'ok';
  'restart-ice': 'ice-restarted';
  'close-transport': 'ok';
  produce: 'produced';
  'set-producer': 'ok';
  'close-producer': 'ok';
  consume: 'consumed';
  'set-consumer': 'ok';
  'request-key-frame': 'ok';
  'close-consumer': 'ok';
  'produce-data': 'data-produced';
  'close-data-producer': 'ok';
  'consume-data': 'data-consumed';
  'resume-data-consumer': 'ok';
  'close-data-consumer': 'ok';
  'pin-mode': 'ok';
}

/** A message that has an answer; its id is ours to choose. */
export type Request = Extract<ClientMessage, { type: keyof Answers }> & { id?: never };
export type AnswerTo<R extends Request> = Extract<ServerMessage, { type: Answers[R['type']] }>;

/** Why a request has no answer: the server's code and sentence, or ours. */
export class RequestError extends Error {
  readonly code: ErrorCode | 'timeout' | 'offline';

  constructor(code: ErrorCode | 'timeout' | 'offline', message: string) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** Asks the server, and waits for the answer; rejects with a `RequestError`. */
export type Ask = <R extends Request>(request: R) => Promise<AnswerTo<R>>;

export interface SignalingPort {
  readonly status: LinkStatus;
  /** Starts, or tries again at once. */
  connect(): void;
  /** Stops until `connect`; the session on the server lives on for its grace time. */
  disconnect(): void;
  /** Finds out quickly whether the server is still reached, and reaches it anew if not. */
  verify(): void;
  /** Sends now, or as soon as there is a session again. */
  send(message: ClientMessage): void;
  /** The same, and waits for the answer; rejects with a `RequestError`. */
  request<R extends Request>(request: R): Promise<AnswerTo<R>>;
  subscribe(listener: (event: SignalingEvent) => void): () => void;
}
