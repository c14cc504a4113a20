/** Members with an engine each, in a room whose media goes through a fake server. */

import { vi } from 'vitest';

import { FakeTrack } from '../../media/testing/fake_devices';
import type { Health, LocalTracks, Published, SessionEvent } from '../../session/media_session';
import { NO_TRACKS } from '../../session/media_session';
import { member } from '../../signaling/testing/messages';
import { SfuSession, type SfuOptions } from '../sfu_session';
import { deviceFactory, type Connections } from './fake_device';
import { FakeSfu } from './fake_sfu';

export interface Person {
  readonly id: string;
  readonly session: SfuSession;
  readonly events: SessionEvent[];
  readonly connections: Connections;
  readonly changeNetwork: () => void;
}

export class FakeCall {
  readonly sfu = new FakeSfu();
  readonly people = new Map<string, Person>();

  enter(id: string, tracks: LocalTracks, options: Partial<SfuOptions> = {}): Person {
    const events: SessionEvent[] = [];
    const connections: Connections = new Map();
    let changeNetwork: () => void = () => undefined;
    const client = {
      hear: (notice: Parameters<SfuSession['hear']>[0]) => session.hear(notice),
      connections,
      hasEntered: false,
    };
    this.sfu.clients.set(id, client);
    const session: SfuSession = new SfuSession({
      memberId: id,
      roomId: 'r1',
      iceServers: [],
      isLive: true,
      request: this.sfu.ask(id),
      send: () => undefined,
      emit: (event) => events.push(event),
      createDevice: deviceFactory(connections),
      followNetwork: (listener) => {
        changeNetwork = listener;
        return () => undefined;
      },
      ...options,
    });
    const others = [...this.people.keys()];
    session.setMembers(
      others.map((one) => member(one)),
      false,
    );
    session.publish(tracks);
    const person = { id, session, events, connections, changeNetwork: () => changeNetwork() };
    for (const other of this.people.values()) other.session.addMember(member(id));
    this.people.set(id, person);
    return person;
  }

  leave(id: string): void {
    const person = this.people.get(id);
    if (!person) return;
    person.session.close();
    this.people.delete(id);
    this.sfu.leave(id);
    for (const { session } of this.people.values()) session.removeMember(id);
  }

  closeAll(): void {
    for (const id of [...this.people.keys()]) this.leave(id);
  }
}

let made = 0;

export function track(kind: 'audio' | 'video', size?: MediaTrackSettings): MediaStreamTrack {
  made += 1;
  const one = Object.assign(new FakeTrack(kind, `device ${made}`), { id: `track ${made}` });
  if (size) resize(one as unknown as MediaStreamTrack, size);
  return one as unknown as MediaStreamTrack;
}

/** Another picture is captured now; senders hear of it when the track is published again. */
export function resize(one: MediaStreamTrack, size: MediaTrackSettings): void {
  one.getSettings = () => size;
}

export function speaking(): LocalTracks {
  return { ...NO_TRACKS, microphone: track('audio'), camera: track('video') };
}

/** The phase of the way to each member, as told last. */
export function phasesOf({ events }: Person): Record<string, string> {
  const phases: Record<string, string> = {};
  for (const event of events) if (event.type === 'phase') phases[event.memberId] = event.phase;
  return phases;
}

/** What each member publishes, as told last. */
export function publishedOf({ events }: Person): Record<string, Published | null> {
  const known: Record<string, Published | null> = {};
  for (const event of events) {
    if (event.type === 'published') known[event.memberId] = event.published;
  }
  return known;
}

/** With whom messages can be exchanged. */
export function channelsOf({ events }: Person): string[] {
  const open = new Set<string>();
  for (const event of events) {
    if (event.type !== 'channel') continue;
    if (event.isOpen) open.add(event.memberId);
    else open.delete(event.memberId);
  }
  return [...open].sort();
}

/** How things stood with its own way, from the first to the last. */
export function healthsOf({ events }: Person): Health[] {
  return events.flatMap((event) => (event.type === 'health' ? [event.health] : []));
}

/** What was said to it, by whom; lossy messages in brackets. */
export function heardBy({ events }: Person): string[] {
  return events.flatMap((event) => {
    if (event.type !== 'data') return [];
    const line = `${event.memberId}: ${event.text}`;
    return [event.lossy ? `(${line})` : line];
  });
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Two in a call that stands. */
export async function couple() {
  const call = new FakeCall();
  const [ofA, ofB] = [speaking(), speaking()];
  const a = call.enter('a', ofA);
  const b = call.enter('b', ofB);
  await pass(2_000);
  return { call, sfu: call.sfu, a, b, ofA, ofB };
}

/** Packets come for so long, ten times a second. */
export async function flow({ connections }: Person, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    for (const one of connections.values()) one.newestPacket += 100;
    await pass(100);
  }
}

/** How often a person's packets stopped coming for no known reason. */
export function stallsOf({ events }: Person): number {
  return events.filter(({ type }) => type === 'stalled').length;
}
