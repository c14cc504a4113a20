/**
 * Everything members tell each other on data channels, whichever ways there are at the moment.
 *
 * The hub is told which paths there are, whom they reach and what comes on them; it numbers what
 * is published and keeps what may have to be said again (`outgoing`, `posting`), brings what comes
 * into order (`incoming`), and finds out with each member what has been lost (`correspondent`).
 *
 * Nothing is acknowledged message by message. In a room of a hundred a message for everybody is
 * one message to the server, and one more (a tip) after a silence.
 */

import { Allowance } from './allowance';
import type { DataChannels, DataMessage, Json, PublishOptions } from './channels';
import { Correspondent } from './correspondent';
import { readFrame, writeFrame, type Answer, type Ask, type Frame, type Words } from './frames';
import { Incoming } from './incoming';
import { LIMITS, sizeOf } from './limits';
import { Listeners } from './listeners';
import { Outgoing, type Recipient } from './outgoing';
import { PATHS, type DataPath, type PathName } from './paths';
import { Posting } from './posting';

export type { DataPath, PathName } from './paths';

const TICK_MS = 100;
/** After so long a silence the number of the last message is said. */
const SILENCE_MS = 1_000;
const EXPIRY_MS = 5_000;
/** Questions that answer nobody: when a server is back, a hundred members ask each other. */
const QUESTIONS = { atOnce: 16, perSecond: 20 };
/** Of so many members who have left it is remembered what they had said. */
const REMEMBERED = 256;

export interface DataHubOptions {
  readonly memberId: string;
  /** One load of our page. */
  readonly instance: string;
  /** Milliseconds on a clock that never steps. */
  readonly now: () => number;
  /** Where to begin counting. */
  readonly firstNumber?: number;
}

/** A member's reliable messages that will never come. */
export interface Loss {
  readonly memberId: string;
  readonly count: number;
}

type FrameOf<T extends Frame['type']> = Extract<Frame, { type: T }>;

/** A page may have one hub after the other; to the others each is another life. */
let hubs = 0;

export class DataHub implements DataChannels {
  readonly #memberId: string;
  readonly #epoch: string;
  readonly #now: () => number;
  readonly #members = new Map<string, Correspondent>();
  /** What those who left have said, for when they come back. */
  readonly #remembered = new Map<string, Incoming>();
  /** Whom each path reaches, members or not. */
  readonly #open: Readonly<Record<PathName, Set<string>>> = { mesh: new Set(), sfu: new Set() };
  readonly #outgoing: Outgoing;
  readonly #posting: Posting;
  readonly #listeners = new Listeners<DataMessage>();
  readonly #reached = new Listeners<string>();
  readonly #losses = new Listeners<Loss>();
  readonly #questions: Allowance;
  /** To whom a tip is to be sent, and when. */
  readonly #tips = new Map<Recipient, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  #lastAsk = 0;
  #lastLossy: number;
  #expiresAt: number;
  #isClosed = false;

  constructor({ memberId, instance, now, firstNumber = 0 }: DataHubOptions) {
    this.#memberId = memberId;
    hubs += 1;
    this.#epoch = `${instance.slice(0, LIMITS.epoch - 20)}#${hubs}`;
    this.#now = now;
    this.#lastLossy = firstNumber;
    this.#outgoing = new Outgoing(firstNumber);
    this.#posting = new Posting({
      members: this.#members,
      outgoing: this.#outgoing,
      writeTip: (all, one) => this.#write({ type: 'tip', tip: { all, one } }),
    });
    this.#questions = new Allowance(QUESTIONS, now());
    this.#expiresAt = now() + EXPIRY_MS;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** How much is kept to be said again. */
  get load(): { readonly messages: number; readonly characters: number } {
    return this.#outgoing.load;
  }

  /** What is for a member that is not in the room goes nowhere. */
  publish(topic: string, payload: Json, { to, lossy = false }: PublishOptions = {}): void {
    check(topic, payload);
    if (this.#isClosed || (to !== undefined && !this.#members.has(to))) return;
    const recipient = to ?? null;
    const audience = to === undefined ? 'all' : 'one';
    if (lossy) {
      const number = (this.#lastLossy += 1);
      const text = this.#write({ type: 'lossy', audience, number, topic, payload });
      this.#posting.postLossy(text, recipient);
      return;
    }
    const now = this.#now();
    this.#outgoing.add(
      recipient,
      (number) => this.#write({ type: 'message', audience, number, topic, payload }),
      now,
    );
    this.#tips.set(recipient, now + SILENCE_MS);
    this.#posting.postAll();
  }

  subscribe(topic: string, listener: (message: DataMessage) => void): () => void {
    return this.#listeners.add(topic, listener);
  }

  /**
   * A member, new or with a page loaded anew, can be told things now; once for each of its lives.
   * Returns how to stop.
   */
  onReached(listener: (memberId: string) => void): () => void {
    return this.#reached.add('', listener);
  }

  /**
   * Reliable messages of a member will never come: it was out of reach while it said more than
   * is kept. Returns how to stop.
   */
  onLoss(listener: (loss: Loss) => void): () => void {
    return this.#losses.add('', listener);
  }

  /** An engine was opened, or (null) closed. */
  setPath(name: PathName, path: DataPath | null): void {
    if (this.#isClosed) return;
    this.#posting.paths.delete(name);
    for (const memberId of [...this.#open[name]]) this.channel(name, memberId, false);
    if (path) this.#posting.paths.set(name, path);
  }

  /** Which path to use to members that can be reached on both. */
  prefer(name: PathName): void {
    if (this.#isClosed) return;
    this.#posting.preferred = name;
    this.#posting.postAll();
  }

  /** Messages can be exchanged with a member on this path, or cannot any more. */
  channel(name: PathName, memberId: string, isOpen: boolean): void {
    if (this.#isClosed || this.#open[name].has(memberId) === isOpen) return;
    if (isOpen) this.#open[name].add(memberId);
    else this.#open[name].delete(memberId);
    const member = this.#members.get(memberId);
    if (!member) return;
    if (isOpen) member.opened(name);
    else member.closed(name, this.#outgoing.tip(memberId));
    this.#askWhatIsDue(member);
    this.#posting.postAll();
  }

  receive(name: PathName, memberId: string, text: string, lossy: boolean): void {
    const member = this.#members.get(memberId);
    if (this.#isClosed || !member) return;
    const frame = readFrame(text);
    if (!frame || (frame.type === 'lossy') !== lossy) return;
    if (frame.type === 'sync') this.#hearSync(name, member, frame);
    else if (member.incoming?.epoch === frame.epoch) {
      this.#hear(member, member.incoming, frame, text.length);
    } else {
      // Another life, or they have not told us yet from where on to listen: finds out.
      member.doubt(name);
      this.#askWhatIsDue(member);
    }
  }

  /** Who is in the room; we do not count. */
  setMembers(ids: readonly string[]): void {
    if (this.#isClosed) return;
    const present = new Set(ids);
    for (const member of [...this.#members.values()]) {
      if (!present.has(member.id)) this.#drop(member);
    }
    for (const id of present) {
      if (id !== this.#memberId && !this.#members.has(id)) this.#add(id);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#members.clear();
    this.#posting.paths.clear();
    for (const listeners of [this.#listeners, this.#reached, this.#losses]) listeners.clear();
  }

  #add(id: string): void {
    const incoming = this.#remembered.get(id) ?? null;
    this.#remembered.delete(id);
    const member = new Correspondent(id, this.#outgoing.tip(id), incoming);
    this.#members.set(id, member);
    for (const path of PATHS) if (this.#open[path].has(id)) member.opened(path);
    this.#askWhatIsDue(member);
  }

  #drop({ id, incoming }: Correspondent): void {
    this.#members.delete(id);
    this.#outgoing.drop(id);
    this.#tips.delete(id);
    if (!incoming) return;
    incoming.rest();
    this.#remembered.set(id, incoming);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }

  #hear(
    member: Correspondent,
    incoming: Incoming,
    frame: FrameOf<'message' | 'lossy' | 'tip'>,
    size: number,
  ): void {
    if (frame.type === 'tip') incoming.expect(frame.tip);
    else if (frame.type === 'message') this.#handOn(member, incoming.take(frame, size));
    else if (incoming.isNews(frame)) this.#handOn(member, [frame]);
  }

  #hearSync(path: PathName, member: Correspondent, frame: FrameOf<'sync'>): void {
    const { epoch, tip, ask, answer } = frame;
    if (answer?.asker === this.#epoch && member.accepts(path, answer, epoch)) {
      this.#hearAnswer(path, member, answer, epoch);
    } else if (member.epoch === null) {
      member.meet(epoch, this.#outgoing.tip(member.id));
    }
    if (member.epoch === epoch) {
      member.incoming?.expect(tip);
      if (ask) this.#answer(path, member, ask);
    } else {
      member.doubt(path);
    }
    this.#askWhatIsDue(member);
  }

  #hearAnswer(path: PathName, member: Correspondent, answer: Answer, epoch: string): void {
    if (member.epoch !== epoch) member.meet(epoch, this.#outgoing.tip(member.id));
    member.answered(path);
    member.incoming ??= new Incoming(epoch, answer.base);
    const { ready, lost } = member.incoming.skip(answer.base, answer.floor);
    this.#handOn(member, ready);
    if (lost) this.#losses.tell('', { memberId: member.id, count: lost });
  }

  #answer(path: PathName, member: Correspondent, ask: Ask): void {
    const tip = this.#outgoing.tip(member.id);
    const { preferred } = this.#posting;
    if (!member.serve(path, ask, { epoch: this.#epoch, tip, preferred }, this.#now())) return;
    if (!ask.serves) member.doubt(path);
    const answer: Answer = {
      id: ask.id,
      asker: member.epoch ?? '',
      base: member.base,
      floor: this.#outgoing.floor(member.id),
    };
    this.#sync(path, member, answer, member.wants(path, this.#now()) ? {} : null);
    // What they lack may have been lost on the other path.
    if (ask.lacks) this.#posting.post(member, path);
    this.#posting.postAll();
    if (member.isReached) return;
    member.isReached = true;
    this.#reached.tell('', member.id);
  }

  #askWhatIsDue(member: Correspondent): void {
    const now = this.#now();
    for (const path of member.questions(now)) {
      if (this.#questions.take(now)) this.#sync(path, member, null, {});
    }
  }

  #askForMissing(member: Correspondent): void {
    const now = this.#now();
    const path = member.missing(now, this.#posting.preferred);
    if (!path || !this.#questions.take(now)) return;
    member.askedForMissing(now);
    this.#sync(path, member, null, { lacks: true });
  }

  /** Sends an answer, a question, or both. */
  #sync(
    path: PathName,
    member: Correspondent,
    answer: Answer | null,
    question: { readonly lacks?: boolean } | null,
  ): void {
    let ask: Ask | null = null;
    if (question) {
      this.#lastAsk += 1;
      ask = member.ask(path, this.#lastAsk, question.lacks ?? false, this.#now());
    }
    const tip = this.#outgoing.tip(member.id);
    this.#posting.send(path, this.#write({ type: 'sync', tip, ask, answer }), member.id);
  }

  #tick(): void {
    const now = this.#now();
    for (const member of this.#members.values()) {
      this.#askWhatIsDue(member);
      this.#askForMissing(member);
    }
    if (this.#posting.isRefused) this.#posting.postAll();
    for (const [to, at] of this.#tips) {
      if (now >= at && this.#posting.postTip(to)) this.#tips.delete(to);
    }
    if (now < this.#expiresAt) return;
    this.#expiresAt = now + EXPIRY_MS;
    this.#outgoing.expire((to, number) => this.#posting.isDone(to, number), now);
  }

  #handOn(member: Correspondent, ready: readonly Words[]): void {
    if (ready.length) member.progressed(this.#now());
    for (const { audience, topic, payload } of ready) {
      const direct = audience === 'one';
      this.#listeners.tell(topic, { topic, from: member.id, payload, direct });
    }
  }

  #write(frame: Unsigned<Frame>): string {
    return writeFrame({ ...frame, epoch: this.#epoch });
  }
}

type Unsigned<T> = T extends unknown ? Omit<T, 'epoch'> : never;

function check(topic: string, payload: Json): void {
  if (!topic || topic.length > LIMITS.topic) {
    throw new RangeError(`a topic has 1 to ${LIMITS.topic} characters`);
  }
  if (sizeOf(JSON.stringify(payload)) > LIMITS.payload) {
    throw new RangeError(`a payload has at most ${LIMITS.payload} bytes`);
  }
}
