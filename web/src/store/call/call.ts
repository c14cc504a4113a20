/** The call one is in, if any: made on entering a room, closed on leaving it. */

import { FORWARDED, profileFor, type Profile } from '../../media/ladder';
import type { CallEvent } from '../../session/hand_over/events';
import type { Course, Preparation } from '../../session/hand_over/course';
import { NO_TRACKS, type LocalTracks } from '../../session/media_session';
import { LOCAL } from '../../session/streams';
import type { SignalingEvent } from '../../signaling/port';
import type { IceServer, Member, Room, ServerMessage } from '../../signaling/protocol';
import type { Backstage, StoreApi } from '../backstage';
import { IceRefresh } from '../ice_refresh';
import { selectSignaling } from '../selectors';
import { addNotification } from '../slices/dashboard';
import { CallEvents } from './call_events';
import { CaptureFit } from './capture_fit';
import { ChatTopic, type ChatWord } from './chat';
import { isMediaNotice, isSignal, type Signal } from './messages';
import { ownPresence } from './own_presence';
import type { CallPort } from './port';
import { PresenceTopic } from './presence';
import { ReactionTopic, type Reaction } from './reactions';
import { Reports } from './reports';

/** From so many members on, what the server tells of each is not told by each as well. */
const MANY = 12;
/** After a decision, the old way is kept no longer than this. */
const LINGERS_MS = 8_000;

/** The present call, as long as nobody leaves it. */
interface Current {
  readonly memberId: string;
  readonly roomId: string;
  readonly session: CallPort;
  readonly presence: PresenceTopic;
}

export class Call {
  readonly #backstage: Backstage;
  readonly #api: StoreApi;
  readonly #refresh: IceRefresh;
  readonly #events: CallEvents;
  readonly #chat: ChatTopic;
  readonly #reactions: ReactionTopic;
  readonly #fit: CaptureFit;
  #iceServers: readonly IceServer[] = [];
  #tracks: LocalTracks = NO_TRACKS;
  #current: Current | null = null;
  /** What a call of before still says is about nobody. */
  #turn = 0;

  constructor(backstage: Backstage, api: StoreApi) {
    const { signaling, views, capture, data, levels } = backstage;
    this.#backstage = backstage;
    this.#api = api;
    this.#refresh = new IceRefresh(signaling, (servers) => {
      this.#iceServers = servers;
      this.#current?.session.setIceServers(servers);
    });
    const reports = new Reports({
      levels,
      tell: (message) => signaling.send(message),
      facts: () => this.#facts(),
      now: () => performance.now(),
    });
    this.#events = new CallEvents(backstage, api, reports);
    this.#chat = new ChatTopic(data, (from, word) => this.#events.hear(from, word));
    this.#reactions = new ReactionTopic({
      data,
      show: (from, reaction) => this.#events.feel(from ?? this.#current?.memberId ?? '', reaction),
      now: () => performance.now(),
    });
    this.#fit = new CaptureFit(
      (profile) => capture.setProfile(profile),
      () => this.#profile(),
    );
    signaling.subscribe((event) => this.#follow(event));
    views.subscribe((memberId, source, height) => {
      this.#current?.session.setShownHeight(memberId, source, height);
    });
  }

  /** We are in the room; `partial`: see `MediaSession.setMembers`. */
  enter(room: Room, partial: boolean): void {
    const { memberId } = selectSignaling(this.#api.getState());
    if (memberId === null) return;
    // Under another name, or elsewhere, nothing of the old links can be kept.
    const isSame = this.#current?.memberId === memberId && this.#current.roomId === room.id;
    if (!isSame) this.leave();
    if (this.#current) this.followCourse();
    const { session } = (this.#current ??= this.#open(memberId, room));
    session.setMembers(
      room.members.filter(({ id }) => id !== memberId),
      partial,
    );
    session.signalingRestored();
  }

  /**
   * The server has decided how the room's media travels, or tells more about it. A camera keeps
   * its size until everybody has gone over.
   */
  followCourse(): void {
    const { currentRoom, moving } = this.#api.getState().room;
    if (!this.#current || currentRoom?.id !== this.#current.roomId) return;
    const { session } = this.#current;
    const isMoving = session.mode !== currentRoom.mode;
    if (isMoving) this.#fit.hold(LINGERS_MS);
    session.setCourse(courseOf(currentRoom));
    if (!isMoving && moving === null) this.#fit.release();
    this.announce();
  }

  /** The room is to change its mode: the other way is built beside the one in use. */
  prepare(preparation: Preparation): void {
    this.#fit.hold(preparation.seconds * 1000 + LINGERS_MS);
    this.#current?.session.prepare(preparation);
  }

  addMember(member: Member): void {
    this.#current?.session.addMember(member);
    this.#fit.soon();
  }

  removeMember(memberId: string): void {
    this.#current?.session.removeMember(memberId);
    this.#current?.presence.forget(memberId);
    this.#events.forget(memberId);
    this.#reactions.forget(memberId);
    this.#fit.soon();
  }

  memberReachable(memberId: string): void {
    this.#current?.session.memberReachable(memberId);
  }

  reconnect(memberId: string | null): void {
    this.#current?.session.reconnect(memberId ?? undefined);
  }

  publish(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#current?.session.publish(tracks);
    this.announce();
  }

  /** Tells the others about ourselves. */
  announce(): void {
    this.#current?.presence.announce();
  }

  sendChat(word: ChatWord): void {
    this.#chat.say(word);
  }

  react(reaction: Reaction): void {
    if (this.#current) this.#reactions.send(reaction);
  }

  leave(): void {
    this.#turn += 1;
    this.#current?.presence.close();
    this.#current?.session.close();
    this.#current = null;
    this.#backstage.data.detach();
    this.#events.clear();
    this.#fit.stop();
    this.#backstage.streams.keepOnly(LOCAL);
    this.#backstage.levels.keepOnly(LOCAL);
  }

  #open(memberId: string, room: Room): Current {
    const { id: roomId } = room;
    const { createCall, signaling, views, data } = this.#backstage;
    const turn = (this.#turn += 1);
    const session = createCall({
      memberId,
      roomId,
      iceServers: this.#iceServers,
      request: (request) => signaling.request(request),
      send: ({ type, to, payload }) => signaling.send({ type, roomId, to, payload }),
      tell: (message) => signaling.send({ ...message, roomId }),
      emit: (event) => {
        if (this.#turn === turn) this.#apply(event);
      },
    });
    data.attach(session.data);
    const presence = new PresenceTopic({
      data: session.data,
      now: () => Date.now(),
      own: () => ownPresence(this.#api.getState(), this.#tracks),
      serverTells: () => this.#serverTells(),
      learn: (id, words) => this.#events.learn(id, words),
    });
    session.setCourse(courseOf(room));
    session.publish(this.#tracks);
    views.replay((id, source, height) => session.setShownHeight(id, source, height));
    this.#fit.now();
    return { memberId, roomId, session, presence };
  }

  #apply(event: CallEvent): void {
    if (event.type === 'stalled') {
      this.#backstage.signaling.verify();
      return;
    }
    this.#events.apply(event);
    if (event.type === 'handed-over') this.#fit.now();
  }

  #follow(event: SignalingEvent): void {
    if (event.type === 'message') {
      this.#receive(event.message);
    } else if (event.type === 'session') {
      this.#refresh.renewed(event.greeting.iceServers, event.greeting.iceServersTtl);
      if (event.resumed) this.#current?.session.signalingRestored();
    }
  }

  #receive(message: ServerMessage): void {
    if (!this.#current) return;
    const { session, roomId } = this.#current;
    if (isSignal(message)) {
      this.#receiveSignal(message);
    } else if (isMediaNotice(message)) {
      if (message.roomId !== roomId) return;
      if (message.type === 'data-consumer-removed') this.#dataRemoved(message.reason);
      session.hear(message);
    } else this.#followReach(message);
  }

  /** Whom what we say through the server does not reach. */
  #followReach(message: ServerMessage): void {
    if (message.type === 'member-presence') {
      const isAway = message.presence === 'reconnecting';
      if (isAway && message.roomId === this.#current?.roomId) {
        this.#current.session.memberAway(message.memberId);
      }
    } else if (message.type === 'error' && message.code.startsWith('target-not-')) {
      if (message.to !== undefined) this.#current?.session.memberUnreachable(message.to);
    }
  }

  #receiveSignal({ roomId, type, from, payload }: Signal): void {
    if (roomId !== undefined && roomId !== this.#current?.roomId) return;
    this.#current?.session.receive({ type, from, payload });
  }

  /** Messages were lost because we did not take them quickly enough: that is for the person to know. */
  #dataRemoved(reason: string): void {
    const { notifications } = this.#api.getState().dashboard;
    const isSaid = notifications.some(({ code }) => code === 'data-slow');
    if (reason === 'too-slow' && !isSaid) {
      this.#api.dispatch(addNotification({ code: 'data-slow', tone: 'warning' }));
    }
  }

  #facts() {
    const { currentRoom } = this.#api.getState().room;
    if (!this.#current || currentRoom?.id !== this.#current.roomId) return null;
    const { id, generation, members } = currentRoom;
    const { mode } = this.#current.session;
    return { roomId: id, mode, generation, members: members.length };
  }

  #serverTells(): boolean {
    const { currentRoom } = this.#api.getState().room;
    return currentRoom?.mode === 'sfu' && currentRoom.members.length > MANY;
  }

  /** In a mesh, the more there are, the smaller the picture everybody captures. */
  #profile(): Profile {
    const { room, rtcConnection } = this.#api.getState();
    if (room.currentRoom?.mode === 'sfu') return FORWARDED;
    return profileFor(Object.keys(rtcConnection.connections).length);
  }
}

function courseOf({ mode, generation, prewarm, core }: Room): Course {
  return { mode, generation, prewarm, core };
}
