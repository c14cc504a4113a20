/** What a person does with rooms. The server's answers are applied by the sync middleware. */

import { createAction } from '@reduxjs/toolkit';

import type { Mode } from '../session/media_session';
import type { CreateRoomPayload, JoinRoomPayload } from '../signaling/protocol';
import { createAppThunk, failureOf, type AppThunk } from './backstage';
import { tokenFor, type ShownToken } from './invited';
import type { Wish } from './membership';

export interface JoinWish {
  readonly roomId: string;
  readonly name: string;
  readonly password?: string | null;
}

export interface RoomWish {
  readonly name: string;
  readonly description?: string;
  readonly private?: boolean;
  readonly maxParticipants?: number;
  readonly password?: string | null;
  /** How media is to travel; null: as the server sees fit. */
  readonly mode?: Mode | null;
  /** Whether chat is kept for those who come later; it is unless told otherwise. */
  readonly history?: boolean;
  /** The creator, who is in the room from the moment it exists. */
  readonly memberName: string;
}

/** Asks for the public rooms; from then on the server tells every change. */
export const fetchRooms = createAppThunk(
  'room/fetch',
  async (_: undefined, { extra, rejectWithValue }) => {
    try {
      return (await extra.signaling.request({ type: 'list-rooms' })).total;
    } catch (error) {
      return rejectWithValue(failureOf(error));
    }
  },
);

/** Looks at a room before joining it. */
export const fetchRoomInfo = createAppThunk(
  'room/info',
  async (roomId: string, { extra, rejectWithValue }) => {
    try {
      const { room, people } = await extra.signaling.request({
        type: 'room-info',
        payload: { roomId },
      });
      return { room, people };
    } catch (error) {
      return rejectWithValue(failureOf(error));
    }
  },
);

/** Makes a room and enters it; resolves with its id. */
export const createRoom = createAppThunk(
  'room/create',
  async (wish: RoomWish, { extra, getState, rejectWithValue }) => {
    const password = wish.password ?? null;
    extra.membership.wantNew(wish.memberName, password);
    const payload: CreateRoomPayload = {
      name: wish.name,
      maxParticipants: wish.maxParticipants ?? 0,
      metadata: {
        description: wish.description ?? '',
        private: wish.private ?? false,
        history: wish.history ?? true,
      },
      password,
      mode: wish.mode ?? null,
      memberName: wish.memberName,
      instance: extra.instance,
      ...tokenFor(getState(), null),
    };
    try {
      const { room } = await extra.signaling.request({ type: 'create-room', payload });
      return room.id;
    } catch (error) {
      extra.membership.forget();
      return rejectWithValue(failureOf(error));
    }
  },
);

/** Enters a room; the wish to be in it outlives the connection, until `leaveRoom`. */
export const joinRoom = createAppThunk(
  'room/join',
  async ({ roomId, name, password = null }: JoinWish, { extra, getState, rejectWithValue }) => {
    const wish = extra.membership.want({ roomId, name, password });
    try {
      const payload = joinPayload(wish, extra.instance, tokenFor(getState(), roomId));
      const { room } = await extra.signaling.request({ type: 'join-room', payload });
      if (extra.membership.wish?.roomId === room.id) return room.id;
      return rejectWithValue({ code: 'left', message: '' });
    } catch (error) {
      if (extra.membership.wish?.roomId === roomId) extra.membership.forget();
      return rejectWithValue(failureOf(error));
    }
  },
);

/** What a `join-room` says, the first time and every time after. */
export function joinPayload(wish: Wish, instance: string, shown: ShownToken): JoinRoomPayload {
  return { ...wish, instance, ...shown };
}

/** Leaves at once; the connection to the server stays. */
export function leaveRoom(): AppThunk {
  return (dispatch, getState, { membership, signaling }) => {
    const roomId = getState().room.currentRoom?.id ?? membership.wish?.roomId;
    membership.forget();
    if (roomId === undefined) return;
    signaling.send({ type: 'leave-room', payload: { roomId } });
    dispatch(roomLeft());
  };
}

/** We are out, whoever wanted it. */
export const roomLeft = createAction('room/left');
