/** Members with an engine each, and signaling between them that can be told to misbehave. */

import type { IncomingSignal, SessionEvent } from '../../session/media_session';
import type { Member } from '../../signaling/protocol';
import { member } from '../../signaling/testing/messages';
import { MeshSession } from '../mesh_session';
import { FakeNetwork } from './fake_rtc';

export interface Person {
  readonly id: string;
  session: MeshSession;
  readonly events: SessionEvent[];
  instance: string;
}

export class FakeRoom {
  readonly network = new FakeNetwork();
  readonly people = new Map<string, Person>();
  readonly signals: (IncomingSignal & { to: string })[] = [];
  /** Whether a signal gets lost. */
  loses: (signal: IncomingSignal & { to: string }) => boolean = () => false;
  /** Whether people say hello on every channel that opens. */
  greets = false;
  isLive = true;

  /** Somebody enters, with everybody who is there. */
  enter(id: string, instance = `${id} page`): Person {
    const events: SessionEvent[] = [];
    const session: MeshSession = new MeshSession({
      memberId: id,
      iceServers: [],
      isLive: this.isLive,
      send: ({ to, type, payload }) => this.#carry({ from: id, to, type, payload }),
      emit: (event) => {
        events.push(event);
        if (!this.greets || event.type !== 'channel' || !event.isOpen) return;
        session.send('hello', { to: event.memberId, lossy: false });
      },
      createConnection: this.network.create,
    });
    const person = { id, session, events, instance };
    this.people.delete(id);
    session.setMembers(this.others(id), false);
    this.people.set(id, person);
    for (const other of this.people.values()) {
      if (other.id !== id) other.session.addMember(this.card(person));
    }
    return person;
  }

  leave(id: string): void {
    this.people.get(id)?.session.close();
    this.people.delete(id);
    for (const { session } of this.people.values()) session.removeMember(id);
  }

  others(id: string): Member[] {
    return [...this.people.values()].filter((one) => one.id !== id).map((one) => this.card(one));
  }

  card({ id, instance }: Person): Member {
    return member(id, { instance });
  }

  /** The state each of one's links is in, as told last. */
  phases(id: string): Record<string, string> {
    const phases: Record<string, string> = {};
    for (const event of this.people.get(id)?.events ?? []) {
      if (event.type === 'phase') phases[event.memberId] = event.phase;
    }
    return phases;
  }

  offers(): string[] {
    return this.signals.filter(({ type }) => type === 'offer').map(({ from }) => from);
  }

  #carry(signal: IncomingSignal & { to: string }): void {
    this.signals.push(signal);
    if (this.loses(signal)) return;
    const copy = structuredClone(signal);
    queueMicrotask(() => this.people.get(signal.to)?.session.receive(copy));
  }
}
