/** The engine of the call one is in, if any: made on entering a room, closed on leaving it. */

import type {
  ChatFrame,
  LocalTracks,
  MediaNotice,
  MediaSession,
  OutgoingSignal,
  SessionEvent,
} from '../session/media_session';
import { NO_TRACKS } from '../session/media_session';
import { FORWARDED, profileFor } from '../media/ladder';
import { LOCAL } from '../session/streams';
import type { SignalingEvent } from '../signaling/port';
import type { IceServer, Member, Room, ServerMessage } from '../signaling/protocol';
import type { AppDispatch, Backstage } from './backstage';
import { IceRefresh } from './ice_refresh';
import { addMessage } from './slices/messages';
import {
  removeParticipant,
  updateParticipantMedia,
  updateParticipantStatus,
} from './slices/participants';
import {
  removePeerConnection,
  updateConnectionStats,
  updateConnectionStatus,
} from './slices/rtc_connection';
import { memberGone } from './slices/room';
import { selectSignaling } from './selectors';
import type { RootState } from './state';

export class Call {
  readonly #backstage: Backstage;
  readonly #dispatch: AppDispatch;
  readonly #getState: () => RootState;
  readonly #refresh: IceRefresh;
  #iceServers: readonly IceServer[] = [];
  #session: MediaSession | null = null;
  #memberId: string | null = null;
  #roomId: string | null = null;
  #tracks: LocalTracks = NO_TRACKS;

  constructor(backstage: Backstage, dispatch: AppDispatch, getState: () => RootState) {
    this.#backstage = backstage;
    this.#dispatch = dispatch;
    this.#getState = getState;
    this.#refresh = new IceRefresh(backstage.signaling, (servers) => {
      this.#iceServers = servers;
      this.#session?.setIceServers(servers);
    });
    backstage.signaling.subscribe((event) => this.#follow(event));
    backstage.views.subscribe((memberId, source, height) => {
      this.#session?.setShownHeight(memberId, source, height);
    });
  }

  /** We are in the room; `partial`: see `MediaSession.setMembers`. */
  enter(room: Room, partial: boolean): void {
    const { memberId } = selectSignaling(this.#getState());
    if (memberId === null) return;
    // Under another name, or elsewhere, nothing of the old links can be kept.
    if (this.#memberId !== memberId || this.#roomId !== room.id) this.leave();
    if (this.#session && this.#session.mode !== room.mode) this.#retire(this.#session);
    this.#session ??= this.#open(memberId, room);
    this.#session.setMembers(
      room.members.filter(({ id }) => id !== memberId),
      partial,
    );
    this.#session.signalingRestored();
    this.#fit();
  }

  /** The room's media may travel another way now: the call goes over to the other engine. */
  followMode(): void {
    const { currentRoom } = this.#getState().room;
    if (!this.#session || !currentRoom || currentRoom.id !== this.#roomId) return;
    if (this.#session.mode !== currentRoom.mode) this.enter(currentRoom, false);
  }

  addMember(member: Member): void {
    this.#session?.addMember(member);
    this.#fit();
  }

  removeMember(memberId: string): void {
    this.#session?.removeMember(memberId);
    this.#forget(memberId);
    this.#fit();
  }

  memberReachable(memberId: string): void {
    this.#session?.memberReachable(memberId);
  }

  reconnect(memberId: string | null): void {
    this.#session?.reconnect(memberId ?? undefined);
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#session?.publish(tracks);
    this.announce();
  }

  /** Tells the others about ourselves: not what is wished, but what they get. */
  announce(): void {
    const { participants, auth, rtcConnection } = this.#getState();
    this.#session?.announce({
      name: participants.localParticipant?.name ?? '',
      status: auth.user?.status ?? 'active',
      audio: rtcConnection.audioEnabled && this.#tracks.microphone !== null,
      video: this.#tracks.camera !== null,
      screen: this.#tracks.screen !== null,
    });
  }

  sendChat({ nonce, text, sentAt }: ChatFrame): void {
    this.#session?.sendChat({ nonce, text, sentAt });
  }

  leave(): void {
    this.#session?.close();
    this.#session = null;
    this.#roomId = null;
    this.#backstage.streams.keepOnly(LOCAL);
    this.#backstage.levels.keepOnly(LOCAL);
  }

  /** Closes an engine in favour of another; what it showed stays until there is more. */
  #retire(session: MediaSession): void {
    this.#session = null;
    session.close();
  }

  #open(memberId: string, { id: roomId, mode }: Room): MediaSession {
    const { createSession, signaling, views } = this.#backstage;
    this.#memberId = memberId;
    this.#roomId = roomId;
    const session: MediaSession = createSession(mode, {
      memberId,
      roomId,
      iceServers: this.#iceServers,
      request: (request) => signaling.request(request),
      send: (signal) => this.#send(signal, roomId),
      emit: (event) => {
        // What a closed session still says is about nobody.
        if (this.#session === session) this.#apply(event);
      },
    });
    this.#session = session;
    views.replay((id, source, height) => session.setShownHeight(id, source, height));
    session.publish(this.#tracks);
    this.announce();
    return session;
  }

  #send({ type, to, payload }: OutgoingSignal, roomId: string): void {
    this.#backstage.signaling.send({ type, roomId, to, payload });
  }

  #follow(event: SignalingEvent): void {
    if (event.type === 'message') {
      this.#receive(event.message);
    } else if (event.type === 'session') {
      this.#refresh.renewed(event.greeting.iceServers, event.greeting.iceServersTtl);
      if (event.resumed) this.#session?.signalingRestored();
    }
  }

  #receive(message: ServerMessage): void {
    if (isSignal(message)) {
      this.#receiveSignal(message);
    } else if (isMediaNotice(message)) {
      if (message.roomId === this.#roomId) this.#session?.hear(message);
    } else if (message.type === 'error' && message.code.startsWith('target-not-')) {
      if (message.to !== undefined) this.#session?.memberUnreachable(message.to);
    }
  }

  #receiveSignal({ roomId, type, from, payload }: Signal): void {
    if (roomId !== undefined && roomId !== this.#roomId) return;
    this.#session?.receive({ type, from, payload });
  }

  #apply(event: SessionEvent): void {
    const { streams, levels } = this.#backstage;
    switch (event.type) {
      case 'phase':
        this.#dispatch(updateConnectionStatus({ peerId: event.memberId, phase: event.phase }));
        break;
      case 'stream':
        streams.set(event.memberId, event.source, event.stream);
        break;
      case 'statistics':
        this.#dispatch(updateConnectionStats({ peerId: event.memberId, stats: event.statistics }));
        break;
      case 'levels':
        for (const [id, level] of event.levels) levels.set(id, level, performance.now());
        break;
      case 'presence':
        this.#applyPresence(event);
        break;
      case 'chat':
        this.#applyChat(event);
        break;
      case 'removed':
        this.#forget(event.memberId);
        this.#dispatch(memberGone(event.memberId));
        this.#dispatch(removeParticipant(event.memberId));
        this.#dispatch(removePeerConnection(event.memberId));
    }
  }

  #applyPresence({ memberId: id, presence }: Extract<SessionEvent, { type: 'presence' }>): void {
    const { audio, video, screen, status, name } = presence;
    this.#dispatch(
      updateParticipantMedia({
        id,
        audioEnabled: audio,
        videoEnabled: video,
        screenSharing: screen,
      }),
    );
    const known = this.#getState().participants.list.find((one) => one.id === id);
    this.#dispatch(updateParticipantStatus({ id, status, name: known?.name || name }));
  }

  #applyChat({ memberId, frame }: Extract<SessionEvent, { type: 'chat' }>): void {
    const { participants, room } = this.#getState();
    const roomId = room.currentRoom?.id;
    if (roomId === undefined) return;
    this.#dispatch(
      addMessage({
        ...frame,
        roomId,
        from: memberId,
        name: participants.list.find(({ id }) => id === memberId)?.name ?? '',
        messageId: null,
        order: null,
        own: false,
      }),
    );
  }

  #forget(memberId: string): void {
    this.#backstage.streams.remove(memberId);
    this.#backstage.levels.remove(memberId);
  }

  /** In a mesh, the more there are, the smaller the picture everybody captures. */
  #fit(): void {
    if (this.#session?.mode === 'sfu') {
      this.#backstage.capture.setProfile(FORWARDED);
      return;
    }
    const others = Object.keys(this.#getState().rtcConnection.connections).length;
    this.#backstage.capture.setProfile(profileFor(others));
  }
}

type Signal = Extract<ServerMessage, { type: OutgoingSignal['type'] }>;

function isSignal(message: ServerMessage): message is Signal {
  return ['offer', 'answer', 'ice-candidate'].includes(message.type);
}

const NOTICES: ReadonlySet<string> = new Set([
  'producer-added',
  'producer-changed',
  'producer-removed',
  'data-producer-added',
  'data-producer-removed',
  'layers-changed',
  'transport-closed',
  'router-lost',
] satisfies MediaNotice['type'][]);

function isMediaNotice(message: ServerMessage): message is MediaNotice {
  return NOTICES.has(message.type);
}
