/**
 * One WebSocket from its opening to its end, including the handshake that makes it somebody's.
 *
 *   opening ──greeting, no token──────────────► established
 *      └─────greeting, token──► resuming ──second greeting, or refusal──► established
 *
 * From any state: closed, once, when the socket closes, or when the handshake takes too long.
 */

import { readFrame } from './frame';
import type { ClientId, ClientMessage, ServerMessage } from './protocol';

const HANDSHAKE_MS = 5_000;

export interface SocketEvents {
  /** Whose the connection is; what was missed comes next if the greeting says `resumed`. */
  established(greeting: ClientId): void;
  message(message: ServerMessage): void;
  closed(): void;
}

export interface ResumeWish {
  readonly resumeToken: string;
  readonly received: number;
}

export class Socket {
  readonly #socket: WebSocket;
  readonly #events: SocketEvents;
  readonly #wish: ResumeWish | null;
  readonly #timer: ReturnType<typeof setTimeout>;
  #state: 'opening' | 'resuming' | 'established' | 'closed' = 'opening';
  #provisional: ClientId | null = null;

  constructor(socket: WebSocket, wish: ResumeWish | null, events: SocketEvents) {
    this.#socket = socket;
    this.#wish = wish;
    this.#events = events;
    this.#timer = setTimeout(() => this.close(), HANDSHAKE_MS);
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => this.#receive(data));
    socket.addEventListener('close', () => this.close());
    socket.addEventListener('error', () => this.close());
  }

  /** Whether a message sent now would go out. */
  get isOpen(): boolean {
    return this.#state === 'established' && this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: ClientMessage): void {
    const { readyState, OPEN } = this.#socket;
    if (readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Ends it without waiting for the other side, which may not be there any more. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#socket.close();
    this.#events.closed();
  }

  #receive(data: unknown): void {
    const message = readFrame(data);
    if (!message || this.#state === 'closed') return;
    if (this.#state === 'established') this.#events.message(message);
    else if (this.#state === 'opening') this.#greeted(message);
    else this.#resumed(message);
  }

  #greeted(message: ServerMessage): void {
    if (message.type !== 'client-id') {
      // A goodbye may come before any greeting.
      this.#events.message(message);
    } else if (this.#wish) {
      this.#state = 'resuming';
      this.#provisional = message;
      const { resumeToken, received } = this.#wish;
      this.send({ type: 'resume', resumeToken, received });
    } else {
      this.#establish({ ...message, resumed: false });
    }
  }

  #resumed(message: ServerMessage): void {
    if (message.type === 'client-id') this.#establish(message);
    else if (message.type === 'error' && this.#provisional) {
      this.#establish({ ...this.#provisional, resumed: false });
    } else this.#events.message(message);
  }

  #establish(greeting: ClientId): void {
    this.#state = 'established';
    clearTimeout(this.#timer);
    this.#events.established(greeting);
  }
}
