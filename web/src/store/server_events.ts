/** Every message of the server that concerns the store, turned into actions. */

import type {
  ChatDelivered,
  ChatHistory,
  Grants,
  MemberJoined,
  MemberLeft,
  ModeChanged,
  Pin,
  Room,
  ServerDraining,
  ServerMessage,
} from '../signaling/protocol';
import type { AppDispatch, Backstage } from './backstage';
import { fetchMessages } from './message_actions';
import {
  memberReachable,
  roomEntered,
  toChatUpdate,
  toLocalParticipant,
  toParticipant,
} from './room_events';
import { roomLeft } from './room_actions';
import { addNotification } from './slices/dashboard';
import { addMessage, newEpoch } from './slices/messages';
import {
  addParticipant,
  removeParticipant,
  setLocalParticipant,
  speakersTold,
  updateParticipantStatus,
} from './slices/participants';
import {
  handOverBegan,
  hostChanged,
  memberEntered,
  memberGone,
  modeChanged,
  roomsListed,
  granted,
  setCurrentRoom,
} from './slices/room';
import { addPeerConnection, removePeerConnection } from './slices/rtc_connection';
import type { RootState } from './state';

export class ServerEvents {
  readonly #backstage: Backstage;
  readonly #dispatch: AppDispatch;
  readonly #getState: () => RootState;
  /** The host people know of; a restarted server's makeshift host is nobody's business. */
  #knownHost: string | null = null;

  constructor(backstage: Backstage, dispatch: AppDispatch, getState: () => RootState) {
    this.#backstage = backstage;
    this.#dispatch = dispatch;
    this.#getState = getState;
  }

  apply(message: ServerMessage): void {
    switch (message.type) {
      case 'room-created':
      case 'room-joined':
        this.#admitted(message.room, message.type === 'room-created', message.grants ?? null);
        break;
      case 'rooms-list':
        this.#dispatch(roomsListed({ rooms: message.rooms, total: message.total }));
        break;
      case 'chat-history':
        this.#history(message);
        break;
      case 'server-draining':
        this.#serverEnds(message);
        break;
      default:
        if ('roomId' in message && message.roomId === this.#roomId) this.#applyToRoom(message);
    }
  }

  get #roomId(): string | undefined {
    return this.#getState().room.currentRoom?.id;
  }

  get #self(): string | null {
    return this.#getState().rtcConnection.signaling.memberId;
  }

  #applyToRoom(message: ServerMessage): void {
    switch (message.type) {
      case 'member-joined':
        this.#joined(message);
        break;
      case 'member-left':
        this.#left(message);
        break;
      case 'member-presence':
        this.#presence(message.memberId, message.presence === 'online');
        break;
      case 'host-changed':
        this.#hostChanged(message.host);
        break;
      case 'prepare-hand-over': {
        const { mode, generation, reason, seconds } = message;
        this.#dispatch(handOverBegan({ mode, generation, reason, seconds }));
        break;
      }
      case 'mode-changed':
        this.#modeChanged(message);
        break;
      case 'room-closed':
        this.#expelled(message.reason);
        break;
      case 'chat':
        this.#chat(message);
        break;
      case 'active-speakers':
        this.#dispatch(speakersTold(message.speakers));
        break;
      default:
    }
  }

  /** In, for the first time or again: the store learns who is here, then links are made. */
  #admitted(room: Room, created: boolean, grants: Grants | null): void {
    const self = this.#self;
    const own = room.members.find(({ id }) => id === self);
    if (!own || !this.#backstage.membership.admitted(room, created)) return;
    const again = this.#roomId === room.id;
    // The first one back in a reopened room is told of nobody: the others are on their way.
    const partial = again && room.reopened;
    const others = room.members.filter(({ id }) => id !== self);
    if (!again) this.#knownHost = room.host;
    this.#settleMissing(
      others.map(({ id }) => id),
      partial,
    );
    if (partial) this.#dispatch(newEpoch(room.id));
    this.#dispatch(granted(grants));
    this.#dispatch(setCurrentRoom(room));
    const { auth, participants } = this.#getState();
    const known = participants.localParticipant ?? undefined;
    this.#dispatch(setLocalParticipant(toLocalParticipant(own, auth.user, known)));
    for (const member of others) {
      this.#dispatch(addParticipant(toParticipant(member, this.#participant(member.id))));
      this.#dispatch(addPeerConnection(member.id));
    }
    this.#dispatch(roomEntered({ room, partial }));
    void this.#dispatch(fetchMessages(room.id));
  }

  /** Who is not listed is gone, or (`partial`) about to come back. */
  #settleMissing(present: readonly string[], partial: boolean): void {
    for (const { id } of this.#getState().participants.list) {
      if (present.includes(id)) continue;
      if (partial) {
        this.#dispatch(updateParticipantStatus({ id, online: false }));
        continue;
      }
      this.#dispatch(removeParticipant(id));
      this.#dispatch(removePeerConnection(id));
    }
  }

  #joined({ member, rejoined }: MemberJoined): void {
    if (member.id === this.#self) return;
    const known = this.#participant(member.id);
    this.#dispatch(addParticipant(toParticipant(member, known)));
    this.#dispatch(addPeerConnection(member.id));
    this.#dispatch(memberEntered(member));
    if (known || rejoined) return;
    this.#dispatch(addNotification({ code: 'member-joined', values: { name: member.name ?? '' } }));
  }

  #left({ memberId, reason }: MemberLeft): void {
    if (memberId === this.#self) {
      this.#expelled(reason);
      return;
    }
    const name = this.#participant(memberId)?.name ?? '';
    this.#dispatch(memberGone(memberId));
    this.#dispatch(removeParticipant(memberId));
    this.#dispatch(removePeerConnection(memberId));
    this.#dispatch(addNotification({ code: 'member-left', values: { name, reason } }));
  }

  #presence(id: string, online: boolean): void {
    this.#dispatch(updateParticipantStatus({ id, online }));
    if (online) this.#dispatch(memberReachable(id));
  }

  #hostChanged(host: string): void {
    this.#dispatch(hostChanged(host));
    if (host === this.#knownHost) return;
    this.#knownHost = host;
    const self = host === this.#self ? 'true' : 'false';
    const name = this.#participant(host)?.name ?? '';
    this.#dispatch(addNotification({ code: 'host-changed', values: { name, self } }));
  }

  #modeChanged(message: ModeChanged): void {
    const before = this.#getState().room.currentRoom;
    if (!before || message.generation < before.generation) return;
    this.#backstage.membership.renew({ id: message.roomId, ticket: message.ticket });
    this.#dispatch(modeChanged(courseOf(message)));
    const [had, has] = [pinOfHost(before.pins), pinOfHost(message.pins)];
    if (had?.mode !== has?.mode) this.#tellPin(has ?? null, (has ?? had)?.member ?? '');
  }

  /** What the host decides about the room is for everybody to know, except for the host. */
  #tellPin(pin: Pin | null, host: string): void {
    if (host === this.#self) return;
    const values = { name: this.#participant(host)?.name ?? '', mode: pin?.mode ?? '' };
    const code = pin ? 'mode-pinned' : 'mode-unpinned';
    this.#dispatch(addNotification({ code, values }));
  }

  #serverEnds({ part, seconds }: ServerDraining): void {
    if (this.#roomId === undefined) return;
    const values = { part, seconds: String(Math.ceil(seconds)) };
    this.#dispatch(addNotification({ code: 'server-draining', tone: 'warning', values }));
  }

  #expelled(reason: string): void {
    this.#backstage.membership.forget();
    this.#dispatch(addNotification({ code: 'room-closed', tone: 'warning', values: { reason } }));
    this.#dispatch(roomLeft());
  }

  #chat(message: ChatDelivered): void {
    this.#dispatch(addMessage(toChatUpdate(message, this.#self)));
  }

  /** What was said before we came is nothing one has missed; what was during a gap is. */
  #history({ roomId, messages }: ChatHistory): void {
    const entries = this.#getState().messages.byRoom[roomId]?.entries ?? [];
    const unread = entries.some(({ order }) => order !== null);
    for (const message of messages) {
      this.#dispatch(addMessage({ ...toChatUpdate(message, this.#self), unread }));
    }
  }

  #participant(id: string) {
    return this.#getState().participants.list.find((one) => one.id === id);
  }
}

function courseOf(message: ModeChanged): Parameters<typeof modeChanged>[0] {
  const { mode, generation, reason, strained, prewarm, pins, unreachable, core, ticket } = message;
  return { mode, generation, reason, strained, prewarm, pins, unreachable, core, ticket };
}

function pinOfHost(pins: readonly Pin[]): Pin | undefined {
  return pins.find(({ reason }) => reason === 'host');
}
