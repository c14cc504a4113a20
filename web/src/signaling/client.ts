/**
 * The connection to the server that outlives WebSockets.
 *
 *   idle ──connect──► connecting ──greeted──► connected ──lost──► reconnecting ──greeted──► connected
 *                         └──── five attempts failed ────► disconnected ◄────┘
 *
 * `disconnected` goes on trying, slowly, unless the server said that coming back makes no sense.
 * `disconnect` leads to `idle` from everywhere.
 */

import { retryDelay } from './backoff';
import { isCounted } from './frame';
import type { Identity } from './identity';
import { KeepAlive } from './keep_alive';
import { PendingRequests } from './pending';
import type { AnswerTo, LinkStatus, Request, SignalingEvent, SignalingPort } from './port';
import type { ClientId, ClientMessage, ServerMessage } from './protocol';
import { Socket } from './socket';

/** After as many failed attempts the page says that it is disconnected. */
const PATIENT_ATTEMPTS = 5;
/** A connection that lasted is a success; one that breaks at once counts as a failed attempt. */
const LASTING_MS = 5_000;
/** Messages kept while there is no connection: less than the server takes in one burst. */
const QUEUE_LENGTH = 200;

export interface ClientEnvironment {
  readonly identity: Identity;
  readonly createSocket: () => WebSocket;
  readonly random: () => number;
}

export class SignalingClient implements SignalingPort {
  readonly #environment: ClientEnvironment;
  readonly #listeners = new Set<(event: SignalingEvent) => void>();
  readonly #pending = new PendingRequests();
  readonly #keepAlive: KeepAlive;
  #status: LinkStatus = 'idle';
  #attempts = 0;
  #everConnected = false;
  /** The server said that coming back makes no sense; only the person decides otherwise. */
  #sentAway = false;
  #socket: Socket | null = null;
  #queue: ClientMessage[] = [];
  /** Unanswered from before the connection was lost; sent again once the replay is through. */
  #doubtful: ClientMessage[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #lasting: ReturnType<typeof setTimeout> | undefined;

  constructor(environment: ClientEnvironment) {
    this.#environment = environment;
    this.#keepAlive = new KeepAlive(
      () => this.#ping(),
      () => this.#socket?.close(),
    );
  }

  get status(): LinkStatus {
    return this.#status;
  }

  connect(): void {
    if (this.#status === 'connected') return;
    this.#sentAway = false;
    this.#attempts = 0;
    this.#setStatus(this.#everConnected ? 'reconnecting' : 'connecting');
    if (!this.#socket) this.#open();
  }

  disconnect(): void {
    clearTimeout(this.#retry);
    this.#attempts = 0;
    this.#setStatus('idle');
    this.#socket?.close();
  }

  /** The network is back or the page is looked at again: no reason to wait any longer. */
  wake(): void {
    if (this.#status === 'connected') this.#keepAlive.probe();
    else if (this.#isWanted && !this.#socket) this.#open();
  }

  verify(): void {
    if (this.#status === 'connected') this.#keepAlive.verify();
    else this.wake();
  }

  send(message: ClientMessage): void {
    if (this.#socket?.isOpen) {
      this.#socket.send(message);
      return;
    }
    this.#queue.push(message);
    if (this.#queue.length > QUEUE_LENGTH) this.#queue.shift();
  }

  async request<R extends Request>(request: R): Promise<AnswerTo<R>> {
    const { message, answer } = this.#pending.open(request);
    this.send(message);
    // The server answers each request with the type that `Answers` promises, or with an error.
    return (await answer) as AnswerTo<R>;
  }

  subscribe(listener: (event: SignalingEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #open(): void {
    clearTimeout(this.#retry);
    const { identity, createSocket } = this.#environment;
    let raw: WebSocket;
    try {
      raw = createSocket();
    } catch {
      this.#lost();
      return;
    }
    const socket: Socket = new Socket(raw, identity.credentials, {
      established: (greeting) => this.#established(greeting),
      message: (message) => this.#receive(message),
      closed: () => {
        if (this.#socket === socket) this.#lost();
      },
    });
    this.#socket = socket;
  }

  #established(greeting: ClientId): void {
    const { identity } = this.#environment;
    const received = greeting.resumed ? (identity.credentials?.received ?? 0) : 0;
    identity.assign(greeting.id, greeting.resumeToken, received);
    this.#lasting = setTimeout(() => {
      this.#attempts = 0;
    }, LASTING_MS);
    this.#everConnected = true;
    const queue = this.#queue.splice(0);
    this.#doubtful = this.#pending.unanswered().filter((message) => !queue.includes(message));
    this.#setStatus('connected');
    this.#emit({ type: 'session', greeting, resumed: greeting.resumed });
    // Its answer comes after everything that is replayed.
    this.#keepAlive.start();
    for (const message of queue) this.send(message);
  }

  #receive(message: ServerMessage): void {
    if (isCounted(message)) this.#environment.identity.count();
    if (message.type === 'pong') {
      this.#keepAlive.alive();
      this.#repeatDoubtful();
    } else if (message.type === 'goodbye') {
      this.#emit({ type: 'goodbye', goodbye: message });
      if (message.reconnect) return;
      this.#sentAway = true;
      this.#setStatus('disconnected');
    } else {
      this.#emit({ type: 'message', message });
      this.#pending.settle(message);
    }
  }

  #ping(): void {
    const { identity } = this.#environment;
    identity.save();
    this.#socket?.send({ type: 'ping', received: identity.credentials?.received ?? 0 });
  }

  /** What is still unanswered after the replay never arrived. */
  #repeatDoubtful(): void {
    for (const message of this.#doubtful.splice(0)) {
      if (this.#pending.isWaiting(message)) this.send(message);
    }
  }

  #lost(): void {
    this.#socket = null;
    this.#keepAlive.stop();
    clearTimeout(this.#lasting);
    if (!this.#isWanted) return;
    const delay = retryDelay(this.#attempts, this.#environment.random());
    this.#attempts += 1;
    const given = this.#attempts > PATIENT_ATTEMPTS;
    this.#setStatus(given ? 'disconnected' : this.#everConnected ? 'reconnecting' : 'connecting');
    this.#retry = setTimeout(() => this.#open(), delay);
  }

  get #isWanted(): boolean {
    return this.#status !== 'idle' && !this.#sentAway;
  }

  #setStatus(status: LinkStatus): void {
    this.#status = status;
    this.#emit({ type: 'status', status, attempts: this.#attempts });
  }

  #emit(event: SignalingEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
