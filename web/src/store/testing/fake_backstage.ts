/** A store with everything behind it faked: the test is the server, and the call only notes. */

import { CaptureDevices } from '../../media/capture';
import { FakeDevices } from '../../media/testing/fake_devices';
import { LevelRegistry } from '../../session/levels';
import type { DataMessage, Json, PublishOptions } from '../../session/data/channels';
import type { CallEvent } from '../../session/hand_over/events';
import type { Course, Preparation } from '../../session/hand_over/course';
import type { Mode } from '../../session/media_session';
import { LOCAL, StreamRegistry } from '../../session/streams';
import { ViewRegistry } from '../../session/views';
import {
  RequestError,
  type AnswerTo,
  type Request,
  type SignalingEvent,
  type SignalingPort,
} from '../../signaling/port';
import type {
  ClientMessage,
  ErrorCode,
  ModeChanged,
  Room,
  ServerMessage,
} from '../../signaling/protocol';
import { MemoryStorage } from '../../signaling/testing/memory_storage';
import { greeting, member, room } from '../../signaling/testing/messages';
import { CallData } from '../call/data';
import type { CallChannels, CallFactory, CallOptions, CallPort } from '../call/port';
import { locationChanged } from '../location';
import { Membership } from '../membership';
import { joinRoom } from '../room_actions';
import { createStore } from '../store';

interface Waiting {
  readonly request: Request;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: RequestError) => void;
}

export class FakeSignaling implements SignalingPort {
  status = 'connected' as const;
  /** How often somebody wanted to know whether the server is reached. */
  verified = 0;
  readonly sent: ClientMessage[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<(event: SignalingEvent) => void>();

  connect(): void {
    // Connected as soon as the test says so.
  }

  disconnect(): void {
    this.emit({ type: 'status', status: 'idle', attempts: 0 });
  }

  verify(): void {
    this.verified += 1;
  }

  send(message: ClientMessage): void {
    this.sent.push(message);
  }

  request<R extends Request>(request: R): Promise<AnswerTo<R>> {
    this.sent.push(request);
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  subscribe(listener: (event: SignalingEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: SignalingEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  say(message: ServerMessage): void {
    this.emit({ type: 'message', message });
  }

  /** Answers the oldest open request of a type. */
  async answer(type: Request['type'], message: ServerMessage): Promise<void> {
    this.say(message);
    this.#take(type)?.resolve(message as never);
    await settle();
  }

  async refuse(type: Request['type'], code: ErrorCode | 'timeout'): Promise<void> {
    this.#take(type)?.reject(new RequestError(code, 'refused'));
    await settle();
  }

  begin(given: Parameters<typeof greeting>[0] = {}): void {
    const hello = greeting(given);
    this.emit({ type: 'status', status: 'connected', attempts: 0 });
    this.emit({ type: 'session', greeting: hello, resumed: hello.resumed });
  }

  types(): string[] {
    return this.sent.map(({ type }) => type);
  }

  #take(type: string): Waiting | undefined {
    const index = this.#waiting.findIndex(({ request }) => request.type === type);
    return index < 0 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}

/** What a call was told, in order. */
export type Noted = [keyof CallPort, ...unknown[]];

interface Published {
  readonly topic: string;
  readonly payload: Json;
  readonly options: PublishOptions;
}

/** The others as far as they talk: the test is all of them. */
export class FakeChannels implements CallChannels {
  readonly published: Published[] = [];
  readonly #listeners = new Map<string, Set<(message: DataMessage) => void>>();
  readonly #reached = new Set<(memberId: string) => void>();

  publish(topic: string, payload: Json, options: PublishOptions = {}): void {
    this.published.push({ topic, payload, options });
  }

  subscribe(topic: string, listener: (message: DataMessage) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  onReached(listener: (memberId: string) => void): () => void {
    this.#reached.add(listener);
    return () => void this.#reached.delete(listener);
  }

  hear(from: string, topic: string, payload: Json, direct = false): void {
    const message = { topic, from, payload, direct };
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener(message);
  }

  reach(memberId: string): void {
    for (const listener of [...this.#reached]) listener(memberId);
  }

  /** What was published on a topic, and to whom; null: everybody. */
  on(topic: string): (readonly [payload: Json, to: string | null])[] {
    return this.published
      .filter((one) => one.topic === topic)
      .map(({ payload, options }) => [payload, options.to ?? null] as const);
  }
}

/** A call that goes wherever it is sent, at once. */
export class FakeCall implements CallPort {
  readonly options: CallOptions;
  readonly data = new FakeChannels();
  mode: Mode = 'mesh';
  readonly #noted: Noted[];

  constructor(options: CallOptions, noted: Noted[]) {
    this.options = options;
    this.#noted = noted;
  }

  emit(event: CallEvent): void {
    this.options.emit(event);
  }

  setCourse(course: Course): void {
    this.mode = course.mode;
    this.#noted.push(['setCourse', course]);
  }

  prepare({ mode, generation, seconds }: Preparation): void {
    this.#noted.push(['prepare', { mode, generation, seconds }]);
  }

  readonly setMembers = this.#note('setMembers');
  readonly addMember = this.#note('addMember');
  readonly removeMember = this.#note('removeMember');
  readonly memberAway = this.#note('memberAway');
  readonly memberReachable = this.#note('memberReachable');
  readonly memberUnreachable = this.#note('memberUnreachable');
  readonly receive = this.#note('receive');
  readonly hear = this.#note('hear');
  readonly setShownHeight = this.#note('setShownHeight');
  readonly publish = this.#note('publish');
  readonly setIceServers = this.#note('setIceServers');
  readonly signalingRestored = this.#note('signalingRestored');
  readonly reconnect = this.#note('reconnect');
  readonly close = this.#note('close');

  #note(name: keyof CallPort) {
    return (...values: unknown[]): void => void this.#noted.push([name, ...values]);
  }
}

/** `createCall`: calls that are no fakes. */
export function createWorld(createCall?: CallFactory) {
  const signaling = new FakeSignaling();
  const devices = new FakeDevices();
  const capture = new CaptureDevices({
    devices: devices.asMediaDevices,
    permissions: undefined,
    storage: null,
    canSelectSpeaker: false,
  });
  const noted: Noted[] = [];
  const calls: FakeCall[] = [];
  const sessionStorage = new MemoryStorage();
  const localStorage = new MemoryStorage();
  let foreign: (key: string | null) => void = () => undefined;
  const backstage = {
    signaling,
    capture,
    membership: new Membership(sessionStorage),
    streams: new StreamRegistry(),
    levels: new LevelRegistry(LOCAL),
    views: new ViewRegistry(),
    data: new CallData(),
    instance: 'page 1',
    createCall:
      createCall ??
      ((options: CallOptions) => {
        const call = new FakeCall(options, noted);
        calls.push(call);
        return call;
      }),
  };
  const auth = {
    storage: localStorage,
    session: sessionStorage,
    onForeignChange: (listener: typeof foreign) => {
      foreign = listener;
    },
  };
  const store = createStore(backstage, auth);
  return {
    ...backstage,
    auth,
    devices,
    noted,
    calls,
    store,
    sessionStorage,
    localStorage,
    changeElsewhere: (key: string | null) => foreign(key),
  };
}

/** How media travels in a room that nothing happens to. */
export const QUIET = {
  mode: 'mesh',
  generation: 1,
  reason: 'small-room',
  strained: false,
  prewarm: false,
  pins: [],
  unreachable: [],
  core: null,
  ticket: 'ticket',
} satisfies Partial<Room>;

/** What the server says when how media travels, or what is known about it, has changed. */
export function modeChanged(given: Partial<ModeChanged>): ModeChanged {
  return { type: 'mode-changed', roomId: 'r1', ...QUIET, ...given };
}

export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

export type World = ReturnType<typeof createWorld>;

/** In a room with b. */
export async function joined(given: Partial<Room> = {}): Promise<World> {
  const world = createWorld();
  world.signaling.begin();
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Me', password: 'secret' }));
  await world.signaling.answer('join-room', {
    type: 'room-joined',
    room: room([member('b'), member('me')], { ...QUIET, ...given }),
  });
  await settle();
  return world;
}

/** Streams as far as previews look at them. */
export class StubStream {
  readonly #tracks: unknown[];

  constructor(tracks: unknown[] = []) {
    this.#tracks = tracks;
  }

  getVideoTracks() {
    return this.#tracks;
  }
}
