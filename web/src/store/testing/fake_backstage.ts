/** A store with everything behind it faked: the test is the server, and the engine only notes. */

import { CaptureDevices } from '../../media/capture';
import { FakeDevices } from '../../media/testing/fake_devices';
import { LevelRegistry } from '../../session/levels';
import type { MediaSession, MediaSessionContext, Mode } from '../../session/media_session';
import { LOCAL, StreamRegistry } from '../../session/streams';
import { ViewRegistry } from '../../session/views';
import {
  RequestError,
  type AnswerTo,
  type Request,
  type SignalingEvent,
  type SignalingPort,
} from '../../signaling/port';
import type { ClientMessage, ErrorCode, Room, ServerMessage } from '../../signaling/protocol';
import { MemoryStorage } from '../../signaling/testing/memory_storage';
import { greeting, member, room } from '../../signaling/testing/messages';
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
  readonly sent: ClientMessage[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Set<(event: SignalingEvent) => void>();

  connect(): void {
    // Connected as soon as the test says so.
  }

  disconnect(): void {
    this.emit({ type: 'status', status: 'idle', attempts: 0 });
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

/** What an engine was told, in order. */
export type Noted = [keyof MediaSession, ...unknown[]];

export function createWorld() {
  const signaling = new FakeSignaling();
  const devices = new FakeDevices();
  const capture = new CaptureDevices({
    devices: devices.asMediaDevices,
    permissions: undefined,
    storage: null,
    canSelectSpeaker: false,
  });
  const noted: Noted[] = [];
  const sessions: (MediaSessionContext & { readonly mode: Mode })[] = [];
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
    instance: 'page 1',
    createSession: (mode: Mode, context: MediaSessionContext) => {
      sessions.push({ ...context, mode });
      return noteTaking(mode, noted);
    },
  };
  const auth = {
    storage: localStorage,
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
    sessions,
    store,
    sessionStorage,
    localStorage,
    changeElsewhere: (key: string | null) => foreign(key),
  };
}

export const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

function noteTaking(mode: Mode, noted: Noted[]): MediaSession {
  const note =
    (name: keyof MediaSession) =>
    (...values: unknown[]) =>
      void noted.push([name, ...values]);
  return {
    mode,
    setMembers: note('setMembers'),
    addMember: note('addMember'),
    removeMember: note('removeMember'),
    memberReachable: note('memberReachable'),
    memberUnreachable: note('memberUnreachable'),
    receive: note('receive'),
    hear: note('hear'),
    setShownHeight: note('setShownHeight'),
    publish: note('publish'),
    announce: note('announce'),
    sendChat: note('sendChat'),
    setIceServers: note('setIceServers'),
    signalingRestored: note('signalingRestored'),
    reconnect: note('reconnect'),
    close: note('close'),
  };
}

export type World = ReturnType<typeof createWorld>;

/** In a room with b. */
export async function joined(given: Partial<Room> = {}): Promise<World> {
  const world = createWorld();
  world.signaling.begin();
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Me', password: 'secret' }));
  await world.signaling.answer('join-room', {
    type: 'room-joined',
    room: room([member('b'), member('me')], given),
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
