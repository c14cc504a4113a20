/** A WebSocket without a network: the test is the server. */

import type { ClientMessage, ServerMessage } from '../protocol';

export class FakeSocket extends EventTarget {
  readonly sent: ClientMessage[] = [];
  readonly OPEN = 1;
  readyState = 1;

  /** What `new WebSocket` gives, as far as the client looks. */
  get asWebSocket(): WebSocket {
    return this as unknown as WebSocket;
  }

  send(text: string): void {
    if (this.readyState === this.OPEN) this.sent.push(JSON.parse(text) as ClientMessage);
  }

  close(): void {
    this.readyState = 3;
  }

  /** The server says something. */
  say(message: ServerMessage): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }

  sayText(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  /** The network, or the server, ends it. */
  drop(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }

  of<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.sent.filter(
      (message): message is Extract<ClientMessage, { type: T }> => message.type === type,
    );
  }
}
