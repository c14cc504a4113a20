/** What the call says, as store actions and registry entries. */

import type { CallEvent } from '../../session/hand_over/events';
import type { Backstage, StoreApi } from '../backstage';
import { addNotification } from '../slices/dashboard';
import { addMessage } from '../slices/messages';
import {
  removeParticipant,
  tookFloor,
  updateParticipantMedia,
  updateParticipantStatus,
} from '../slices/participants';
import { reactionFaded, reactionShown } from '../slices/reactions';
import { handedOver, memberGone, wayChanged } from '../slices/room';
import {
  pictureLimited,
  removePeerConnection,
  updateConnectionStats,
  updateConnectionStatus,
} from '../slices/rtc_connection';
import { statusOf } from '../../session/peer_phase';
import type { ChatWord } from './chat';
import { HandNews } from './hand_news';
import type { Presence } from './presence';
import { PublishedWords } from './published';
import type { Reaction } from './reactions';
import type { Reports } from './reports';

/** How long a reaction is shown. */
const REACTION_MS = 3_000;

export class CallEvents {
  readonly #backstage: Backstage;
  readonly #api: StoreApi;
  readonly #reports: Reports;
  readonly #published = new PublishedWords();
  readonly #hands = new HandNews();

  constructor(backstage: Backstage, api: StoreApi, reports: Reports) {
    this.#backstage = backstage;
    this.#api = api;
    this.#reports = reports;
  }

  /** What is about the server's connection, the call itself sees to. */
  apply(event: Exclude<CallEvent, { type: 'stalled' }>): void {
    switch (event.type) {
      case 'handed-over': {
        const { from, to, generation, gap, took } = event;
        this.#api.dispatch(handedOver({ from, to, generation, gap, took, at: Date.now() }));
        this.#reports.handedOver(generation, gap);
        break;
      }
      case 'way':
        this.#api.dispatch(wayChanged({ mode: event.mode, health: event.health }));
        break;
      case 'levels':
        this.#hearAll(event.levels);
        break;
      default:
        this.#applyTo(event);
    }
  }

  /** What is about one member. */
  #applyTo(
    event: Exclude<CallEvent, { type: 'handed-over' | 'way' | 'levels' | 'stalled' }>,
  ): void {
    const { dispatch } = this.#api;
    switch (event.type) {
      case 'phase':
        if (statusOf(event.phase) !== 'connected') this.#reports.forget(event.memberId);
        dispatch(updateConnectionStatus({ peerId: event.memberId, phase: event.phase }));
        break;
      case 'stream':
        this.#backstage.streams.set(event.memberId, event.source, event.stream);
        break;
      case 'published':
        this.#published.see(event.memberId, event.published, event.byServer);
        this.#show(event.memberId);
        break;
      case 'limited': {
        const { memberId: peerId, source, limit } = event;
        dispatch(pictureLimited({ peerId, source, limit }));
        break;
      }
      case 'statistics':
        dispatch(updateConnectionStats({ peerId: event.memberId, stats: event.statistics }));
        this.#reports.measured(event.memberId, event.statistics);
        break;
      case 'removed':
        this.#remove(event.memberId);
    }
  }

  #hearAll(levels: ReadonlyMap<string, number>): void {
    const now = performance.now();
    for (const [id, level] of levels) this.#backstage.levels.set(id, level, now);
    this.#followFloor();
  }

  /** Through a server all hear the same, and it tells; in a mesh each hears for itself. */
  #followFloor(): void {
    const { participants, room } = this.#api.getState();
    const speaker = this.#backstage.levels.activeSpeaker();
    if (speaker === null || speaker === participants.speakers[0]) return;
    if (room.currentRoom?.mode === 'mesh') this.#api.dispatch(tookFloor(speaker));
  }

  /** What a member says of itself. */
  learn(id: string, presence: Presence): void {
    const { dispatch, getState } = this.#api;
    this.#published.say(id, presence);
    this.#show(id);
    const known = getState().participants.list.find((one) => one.id === id);
    const { status, hand: raisedAt } = presence;
    const name = known?.name || presence.name;
    dispatch(updateParticipantStatus({ id, status, raisedAt, name }));
    if (this.#hands.hear(id, raisedAt, Date.now())) {
      dispatch(addNotification({ code: 'hand-raised', values: { name } }));
    }
  }

  /** What a member says to all. */
  hear(from: string, word: ChatWord): void {
    const { dispatch, getState } = this.#api;
    const { participants, room } = getState();
    const roomId = room.currentRoom?.id;
    if (roomId === undefined) return;
    const name = participants.list.find(({ id }) => id === from)?.name ?? '';
    const place = { messageId: null, order: null, own: false };
    dispatch(addMessage({ ...word, ...place, roomId, from, name }));
  }

  /** What a member feels, for a moment. */
  feel(memberId: string, reaction: Reaction): void {
    const { dispatch } = this.#api;
    const { id } = dispatch(reactionShown(memberId, reaction)).payload;
    setTimeout(() => dispatch(reactionFaded(id)), REACTION_MS);
  }

  /** A member is gone. */
  forget(memberId: string): void {
    this.#backstage.streams.remove(memberId);
    this.#backstage.levels.remove(memberId);
    this.#published.forget(memberId);
    this.#hands.forget(memberId);
    this.#reports.forget(memberId);
  }

  /** The call is over. */
  clear(): void {
    this.#published.clear();
    this.#hands.clear();
    this.#reports.clear();
  }

  /** The call has given a member up that the server never mentioned again. */
  #remove(memberId: string): void {
    const { dispatch } = this.#api;
    this.forget(memberId);
    dispatch(memberGone(memberId));
    dispatch(removeParticipant(memberId));
    dispatch(removePeerConnection(memberId));
  }

  #show(id: string): void {
    const { audio, video, screen } = this.#published.get(id);
    const switches = { audioEnabled: audio, videoEnabled: video, screenSharing: screen };
    this.#api.dispatch(updateParticipantMedia({ id, ...switches }));
  }
}
