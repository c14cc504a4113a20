/** Requests that wait for their answers. */

import type { ClientMessage, ServerMessage } from './protocol';
import { RequestError } from './port';

const TIMEOUT_MS = 10_000;

interface Waiting {
  readonly message: ClientMessage;
  readonly resolve: (answer: ServerMessage) => void;
  readonly reject: (error: RequestError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class PendingRequests {
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  /** The promise of an answer, and the message with the id that will fetch it. */
  open(request: ClientMessage): { message: ClientMessage; answer: Promise<ServerMessage> } {
    const id = `q${(this.#last += 1)}`;
    const message = { ...request, id };
    const answer = new Promise<ServerMessage>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#fail(id, new RequestError('timeout', 'The server did not answer.'));
      }, TIMEOUT_MS);
      this.#waiting.set(id, { message, resolve, reject, timer });
    });
    return { message, answer };
  }

  /** Gives an answer to whoever waits for it. */
  settle(message: ServerMessage): void {
    if (!('id' in message) || message.type === 'client-id') return;
    const id = String(message.id);
    if (message.type === 'error') {
      this.#fail(id, new RequestError(message.code, message.message));
      return;
    }
    const waiting = this.#take(id);
    waiting?.resolve(message);
  }

  /** What has not been answered yet, oldest first. */
  unanswered(): ClientMessage[] {
    return [...this.#waiting.values()].map(({ message }) => message);
  }

  isWaiting(message: ClientMessage): boolean {
    return this.#waiting.get(String(message.id))?.message === message;
  }

  rejectAll(error: RequestError): void {
    for (const id of [...this.#waiting.keys()]) this.#fail(id, error);
  }

  #fail(id: string, error: RequestError): void {
    this.#take(id)?.reject(error);
  }

  #take(id: string): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}
