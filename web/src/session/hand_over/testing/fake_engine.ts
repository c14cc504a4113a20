/** An engine that does as it is told, and says what a test wants it to. */

import type { Member } from '../../../signaling/protocol';
import type {
  DataOptions,
  Health,
  LocalTracks,
  MediaSession,
  MediaSessionContext,
  Mode,
  SessionEvent,
} from '../../media_session';
import { NO_TRACKS } from '../../media_session';
import type { PeerPhase } from '../../peer_phase';
import type { StreamSource } from '../../streams';
import { FakeStream } from '../../testing/fake_stream';

export class FakeRemoteTrack {
  enabled = true;
  muted = false;
  readyState = 'live';
  readonly kind: 'audio' | 'video';
  readonly label: string;

  constructor(kind: 'audio' | 'video', label: string) {
    this.kind = kind;
    this.label = label;
  }
}

let made = 0;

export class FakeEngine implements MediaSession {
  readonly mode: Mode;
  readonly label: string;
  readonly context: MediaSessionContext;
  readonly members = new Map<string, Member>();
  readonly calls: string[] = [];
  readonly sent: [string, DataOptions][] = [];
  readonly tracks = new Map<string, FakeRemoteTrack[]>();
  published: LocalTracks = NO_TRACKS;
  isLive: boolean;
  isClosed = false;

  constructor(mode: Mode, context: MediaSessionContext) {
    made += 1;
    this.mode = mode;
    this.label = `${mode} ${made}`;
    this.context = context;
    this.isLive = context.isLive;
  }

  say(event: SessionEvent): void {
    this.context.emit(event);
  }

  feel(health: Health): void {
    this.say({ type: 'health', health });
  }

  /** The way to a member stands, or does not. */
  enter(memberId: string, phase: PeerPhase): void {
    this.say({ type: 'phase', memberId, phase });
  }

  /** A member's sound and picture come, or some of it. */
  bring(
    memberId: string,
    kinds: readonly ('audio' | 'video')[] = ['audio', 'video'],
    source: StreamSource = 'camera',
    muted = false,
  ): FakeRemoteTrack[] {
    const tracks = kinds.map((kind) => new FakeRemoteTrack(kind, `${this.label} ${memberId}`));
    for (const track of tracks) track.muted = muted;
    const key = `${source}:${memberId}`;
    for (const old of this.tracks.get(key) ?? []) old.readyState = 'ended';
    this.tracks.set(key, tracks);
    const stream = new FakeStream();
    for (const track of tracks) stream.addTrack(track as unknown as MediaStreamTrack);
    this.say({
      type: 'stream',
      memberId,
      source,
      stream: stream as unknown as MediaStream,
    });
    return tracks;
  }

  setMembers(members: readonly Member[], partial: boolean): void {
    this.calls.push(`members ${members.map(({ id }) => id).join()}${partial ? ' partial' : ''}`);
    if (!partial) this.members.clear();
    for (const member of members) this.members.set(member.id, member);
  }

  addMember(member: Member): void {
    this.calls.push(`add ${member.id}`);
    this.members.set(member.id, member);
  }

  removeMember(memberId: string): void {
    this.calls.push(`remove ${memberId}`);
    this.members.delete(memberId);
    this.enter(memberId, 'disconnected');
  }

  memberReachable(memberId: string): void {
    this.calls.push(`reachable ${memberId}`);
  }

  memberUnreachable(memberId: string): void {
    this.calls.push(`unreachable ${memberId}`);
  }

  receive(): void {
    this.calls.push('signal');
  }

  hear(): void {
    this.calls.push('notice');
  }

  setShownHeight(memberId: string, source: StreamSource, height: number): void {
    this.calls.push(`height ${memberId} ${source} ${height}`);
  }

  publish(tracks: LocalTracks): void {
    this.published = tracks;
  }

  setLive(isLive: boolean): void {
    this.isLive = isLive;
  }

  send(text: string, options: DataOptions): boolean {
    this.sent.push([text, options]);
    return true;
  }

  setIceServers(): void {
    this.calls.push('ice servers');
  }

  signalingRestored(): void {
    this.calls.push('restored');
  }

  reconnect(memberId?: string): void {
    this.calls.push(`reconnect ${memberId ?? 'all'}`);
  }

  /** As engines do: says goodbye to everybody, and its tracks end. */
  close(): void {
    this.isClosed = true;
    for (const id of this.members.keys()) this.enter(id, 'disconnected');
    for (const track of [...this.tracks.values()].flat()) track.readyState = 'ended';
  }
}
