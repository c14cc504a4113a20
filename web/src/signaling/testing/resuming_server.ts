/** One person's session on a server that resumes: counts, keeps and replays as the protocol says. */

import type { ServerMessage } from '../protocol';
import type { FakeSocket } from './fake_socket';
import { greeting } from './messages';

export class ResumingServer {
  #sent: ServerMessage[] = [];
  #socket: FakeSocket | null = null;
  /** Requests that arrived, by id. */
  readonly arrived: string[] = [];
  #session = 0;

  /** A new connection: greeted, and perhaps resumed. */
  connect(socket: FakeSocket): void {
    const original = socket.send.bind(socket);
    socket.send = (text: string) => {
      const before = socket.sent.length;
      original(text);
      if (socket.sent.length > before) this.#receive(socket, text);
    };
    if (this.#session) socket.say(greeting({ id: 'visitor', resumeToken: 'nobody' }));
    else this.#greet(socket, false);
  }

  /** Says something to the person, who may or may not be there to hear it. */
  tell(message: ServerMessage): void {
    this.#sent.push(message);
    this.#socket?.say(message);
  }

  /** The network fails; what is said now is not heard. */
  lose(): void {
    this.#socket = null;
  }

  #greet(socket: FakeSocket, resumed: boolean): void {
    this.#socket = socket;
    this.#session ||= 1;
    socket.say(greeting({ resumed, resumeToken: `session ${this.#session}` }));
  }

  #receive(socket: FakeSocket, text: string): void {
    const message = JSON.parse(text) as { type: string; id?: string } & Record<string, unknown>;
    if (message.type === 'resume') this.#resume(socket, message);
    else if (this.#socket !== socket) return;
    else if (message.type === 'ping') socket.say({ type: 'pong', timestamp: 0 });
    else if (message.id !== undefined) {
      this.arrived.push(message.id);
      this.tell({ type: 'ok', id: message.id });
    }
  }

  #resume(socket: FakeSocket, { resumeToken, received }: Record<string, unknown>): void {
    const known = resumeToken === `session ${this.#session}`;
    if (!known) this.#sent = [];
    this.#greet(socket, known);
    if (known) for (const message of this.#sent.slice(Number(received))) socket.say(message);
  }
}
