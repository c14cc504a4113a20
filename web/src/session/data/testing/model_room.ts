/**
 * Hubs, and the ways between them as unkind as real ones: everything takes its time, the two ends
 * of a way learn at different times that it has opened or closed, what is under way when it closes
 * is gone, and so is what comes before the receiver listens. On one way, what is reliable stays in
 * order; what is lossy does not.
 */

import type { DataOptions } from '../../media_session';
import { PATHS, type PathName } from '../paths';
import { Person, type Said } from './person';

const SLOWEST_MS = { mesh: 60, sfu: 150, notice: 600 };

/** One end of a way, and which of its openings this end believes to be open; 0: none. */
interface End {
  believed: number;
  /** Notices come in order. */
  noticedAt: number;
  /** So does what is sent from here. */
  arrivesAt: number;
}

interface Wire {
  /** Which opening this is; 0: closed. */
  opening: number;
  readonly ends: ReadonlyMap<string, End>;
}

export interface RoomOptions {
  readonly seed?: number;
  readonly firstNumber?: number;
}

export class ModelRoom {
  readonly people = new Map<string, Person>();
  /** Texts sent, one for each receiver. */
  carried = 0;
  /** Texts given to a path, by sender. */
  readonly sent: { from: string; path: PathName; to: string | null; text: string }[] = [];
  readonly #firstNumber: number;
  readonly #wires = new Map<string, Wire>();
  readonly #agenda = new Map<number, (() => void)[]>();
  #random: number;
  #openings = 0;
  #lives = 0;
  #number = 0;

  constructor({ seed = 1, firstNumber = 0 }: RoomOptions = {}) {
    this.#random = seed;
    this.#firstNumber = firstNumber;
  }

  person(id: string): Person {
    const person = this.people.get(id);
    if (!person) throw new Error(`${id} is not here`);
    return person;
  }

  join(id: string): void {
    if (this.people.has(id)) return;
    this.#begin(id);
    this.#tellMembers();
  }

  leave(id: string): void {
    this.#end(id);
    this.#tellMembers();
  }

  /** The page is loaded anew; nobody is told but by the ways that close and open again. */
  reload(id: string): void {
    if (!this.people.has(id)) return;
    const open = [...this.people.keys()].flatMap((other) =>
      PATHS.filter((path) => other !== id && this.isUp(path, id, other)).map(
        (path) => [path, other] as const,
      ),
    );
    this.#end(id);
    const person = this.#begin(id);
    person.members = [...this.people.keys()];
    for (const other of this.people.values()) person.knownLives.set(other.id, other.life);
    person.hub.setMembers(person.members);
    for (const [path, other] of open) this.open(path, id, other);
  }

  /** One hub loses sight of a member for a while. */
  forget(who: string, whom: string, ms: number): void {
    const person = this.people.get(who);
    if (!person || who === whom) return;
    this.#setMembers(
      person,
      person.members.filter((id) => id !== whom),
    );
    this.#in(ms, () => {
      if (this.people.get(who) === person) this.#tellMembersTo(person);
    });
  }

  publish(from: string, to: string | null, lossy = false): void {
    const person = this.people.get(from);
    if (!person) return;
    this.#number += 1;
    const said: Said = { number: this.#number, from, life: person.life, direct: to !== null };
    if (!lossy) {
      for (const [id, life] of person.knownLives) {
        if (id !== from && (to === null || to === id)) person.owed.push({ to: id, life, said });
      }
    }
    const payload = { number: said.number, life: said.life };
    const topic = lossy ? 'lossy' : 'reliable';
    person.hub.publish(topic, payload, { ...(to === null ? {} : { to }), lossy });
  }

  open(path: PathName, one: string, other: string): void {
    const wire = this.#wire(path, one, other);
    if (wire.opening || one === other) return;
    if (!this.people.has(one) || !this.people.has(other)) return;
    this.#openings += 1;
    wire.opening = this.#openings;
    this.#notice(path, one, other);
    this.#notice(path, other, one);
  }

  cut(path: PathName, one: string, other: string): void {
    const wire = this.#wire(path, one, other);
    if (!wire.opening) return;
    wire.opening = 0;
    this.#notice(path, one, other);
    this.#notice(path, other, one);
  }

  /** One end gives up a way; the other learns nothing of it. */
  giveUp(path: PathName, who: string, other: string): void {
    const end = this.#wire(path, who, other).ends.get(who);
    const person = this.people.get(who);
    if (!end?.believed || !person) return;
    end.believed = 0;
    person.hub.channel(path, other, false);
  }

  isUp(path: PathName, one: string, other: string): boolean {
    return this.#wire(path, one, other).opening > 0;
  }

  /** How many ends believe in this way. */
  believers(path: PathName, one: string, other: string): number {
    const { opening, ends } = this.#wire(path, one, other);
    return [...ends.values()].filter(({ believed }) => opening && believed === opening).length;
  }

  prefer(id: string, path: PathName): void {
    this.people.get(id)?.hub.prefer(path);
  }

  /** For a while a path takes nothing. */
  fill(id: string, path: PathName, ms: number): void {
    const person = this.people.get(id);
    if (person) person.fullUntil[path] = Date.now() + ms;
  }

  close(): void {
    for (const { hub } of this.people.values()) hub.close();
  }

  /** What is wrong now that all has come to rest; empty: nothing. */
  complaints(): string[] {
    return [...this.people.values()].flatMap((receiver) => [
      ...(receiver.losses ? [`${receiver.id} lost ${receiver.losses}`] : []),
      ...this.#repeated(receiver),
      ...[...this.people.values()].flatMap((sender) => this.#between(sender, receiver)),
    ]);
  }

  #between(sender: Person, receiver: Person): string[] {
    if (sender === receiver) return [];
    return [true, false].flatMap((direct) => {
      const heard = receiver.heard
        .filter((one) => one.from === sender.id && one.life === sender.life)
        .filter((one) => one.direct === direct)
        .map(({ number }) => number);
      const owed = sender.owed
        .filter(({ to, life }) => to === receiver.id && life === receiver.life)
        .filter(({ said }) => said.direct === direct)
        .map(({ said }) => said.number);
      const names = `${sender.id} to ${receiver.id}${direct ? ' alone' : ''}`;
      const missing = owed.filter((number) => !heard.includes(number));
      const inOrder = heard.every((number, at) => at === 0 || number > (heard[at - 1] ?? 0));
      return [
        ...(missing.length ? [`${names} is missing ${missing.join()}`] : []),
        ...(inOrder ? [] : [`${names} came as ${heard.join()}`]),
      ];
    });
  }

  #repeated({ id, lossy }: Person): string[] {
    const numbers = lossy.map(({ number }) => number);
    return new Set(numbers).size === numbers.length ? [] : [`${id} heard lossy ones twice`];
  }

  #begin(id: string): Person {
    this.#lives += 1;
    const person = new Person(id, this.#lives, this.#firstNumber);
    this.people.set(id, person);
    person.hub.onReached((other) => {
      person.reached.push(other);
      const there = this.people.get(other);
      if (there && person.members.includes(other)) person.knownLives.set(other, there.life);
    });
    for (const path of PATHS) {
      person.hub.setPath(path, {
        send: (text, options) => this.#send(person, path, text, options),
      });
    }
    return person;
  }

  #end(id: string): void {
    const person = this.people.get(id);
    if (!person) return;
    person.hub.close();
    for (const other of this.people.keys()) {
      for (const path of PATHS) if (other !== id) this.cut(path, id, other);
    }
    this.people.delete(id);
    for (const path of PATHS) {
      for (const other of [...this.people.keys()]) {
        // Whoever comes after believes nothing yet.
        const end = this.#wire(path, id, other).ends.get(id);
        if (end) Object.assign(end, { believed: 0, noticedAt: 0, arrivesAt: 0 });
      }
    }
  }

  #tellMembers(): void {
    const lives = new Map([...this.people.values()].map(({ id, life }) => [id, life]));
    for (const person of this.people.values()) {
      person.toldAt = Math.max(person.toldAt, Date.now() + this.#upTo(SLOWEST_MS.notice));
      this.#in(person.toldAt - Date.now(), () => {
        if (this.people.get(person.id) === person) this.#setMembers(person, [...lives.keys()]);
      });
    }
  }

  #tellMembersTo(person: Person): void {
    this.#setMembers(person, [...this.people.keys()]);
  }

  #setMembers(person: Person, ids: string[]): void {
    for (const id of [...person.knownLives.keys()]) {
      if (ids.includes(id)) continue;
      person.knownLives.delete(id);
      // Gone is gone: what was owed is owed no more.
      const kept = person.owed.filter(({ to }) => to !== id);
      person.owed.splice(0, person.owed.length, ...kept);
    }
    for (const id of ids) {
      const life = this.people.get(id)?.life;
      if (life !== undefined && !person.members.includes(id)) person.knownLives.set(id, life);
    }
    person.members = ids;
    person.hub.setMembers(ids);
  }

  #send(person: Person, path: PathName, text: string, { to, lossy }: DataOptions): boolean {
    if (this.people.get(person.id) !== person) return false;
    if (Date.now() < person.fullUntil[path]) return false;
    this.sent.push({ from: person.id, path, to, text });
    let isTaken = false;
    for (const other of this.people.keys()) {
      if (other === person.id || (to !== null && other !== to)) continue;
      isTaken = this.#carry(path, [person.id, other], text, lossy) || isTaken;
    }
    return isTaken;
  }

  /** Whether the sender's end took it. */
  #carry(path: PathName, [from, to]: [string, string], text: string, lossy: boolean): boolean {
    const wire = this.#wire(path, from, to);
    const [near, far] = [wire.ends.get(from), wire.ends.get(to)];
    if (!near?.believed || !far) return false;
    const { believed } = near;
    this.carried += 1;
    if (lossy && this.#upTo(10) < 2) return true;
    const delay = this.#upTo(SLOWEST_MS[path]);
    if (!lossy) near.arrivesAt = Math.max(near.arrivesAt, Date.now() + delay);
    const receiver = this.people.get(to);
    this.#in(lossy ? delay : near.arrivesAt - Date.now(), () => {
      // Only if both ends mean the opening that is there.
      if (wire.opening !== believed || far.believed !== believed) return;
      if (this.people.get(to) === receiver) receiver?.hub.receive(path, from, text, lossy);
    });
    return true;
  }

  /** An end learns, sooner or later, how things are. */
  #notice(path: PathName, who: string, about: string): void {
    const wire = this.#wire(path, who, about);
    const end = wire.ends.get(who);
    if (!end) return;
    const { opening } = wire;
    end.noticedAt = Math.max(end.noticedAt, Date.now() + this.#upTo(SLOWEST_MS.notice));
    const person = this.people.get(who);
    this.#in(end.noticedAt - Date.now(), () => {
      if (!person || this.people.get(who) !== person) return;
      if (opening && wire.opening !== opening) return;
      end.believed = opening;
      person.hub.channel(path, about, opening > 0);
    });
  }

  #wire(path: PathName, one: string, other: string): Wire {
    const key = `${path} ${[one, other].sort().join(' ')}`;
    let wire = this.#wires.get(key);
    if (!wire) {
      const end = () => ({ believed: 0, noticedAt: 0, arrivesAt: 0 });
      const ends = new Map([
        [one, end()],
        [other, end()],
      ]);
      wire = { opening: 0, ends };
      this.#wires.set(key, wire);
    }
    return wire;
  }

  /** One timer for all that happens at the same time: there may be very many. */
  #in(ms: number, happen: () => void): void {
    const at = Date.now() + ms;
    const agenda = this.#agenda.get(at);
    if (agenda) {
      agenda.push(happen);
      return;
    }
    const events = [happen];
    this.#agenda.set(at, events);
    setTimeout(() => {
      this.#agenda.delete(at);
      for (const event of events) event();
    }, ms);
  }

  /** Something from 0 to below `limit`. */
  #upTo(limit: number): number {
    // Park and Miller's, which is good enough for this.
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random % limit;
  }
}
