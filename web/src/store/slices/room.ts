/** The public rooms, and the one we are in. */

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

import type {
  Grants,
  Member,
  ModeChanged,
  PrepareHandOver,
  Room,
  RoomsList,
} from '../../signaling/protocol';
import { locationChanged } from '../location';
import { createRoom, fetchRoomInfo, fetchRooms, joinRoom, roomLeft } from '../room_actions';
import type { HandOver, RoomState } from '../state';

const initialState: RoomState = {
  list: [],
  listed: false,
  total: 0,
  currentRoomId: null,
  currentRoom: null,
  grants: null,
  preview: null,
  strained: false,
  moving: null,
  lastHandOver: null,
  way: null,
  filter: { search: '', sortBy: 'newest' },
  loading: null,
  error: null,
};

const slice = createSlice({
  name: 'room',
  initialState,
  reducers: {
    /** The server's word on the room we are in. */
    setCurrentRoom(state, { payload }: PayloadAction<Room>) {
      state.currentRoom = payload;
      state.strained = payload.strained;
      // Whoever enters while a hand-over is prepared is told where it leads, and nothing else.
      state.moving = null;
    },
    /** What the server lets us do in the room that it has let us into. */
    granted(state, { payload }: PayloadAction<Grants | null>) {
      state.grants = payload;
    },
    setRoomFilter(state, { payload }: PayloadAction<Partial<RoomState['filter']>>) {
      Object.assign(state.filter, payload);
    },
    /** A reloaded tab is on its way back into its room, or (false) is not after all. */
    roomReturning(state, { payload }: PayloadAction<boolean>) {
      state.loading = payload ? 'join' : null;
    },
    clearRoomError(state) {
      state.error = null;
    },
    roomsListed(state, { payload }: PayloadAction<Pick<RoomsList, 'rooms' | 'total'>>) {
      state.list = payload.rooms;
      state.total = payload.total;
    },
    memberEntered(state, { payload: member }: PayloadAction<Member>) {
      const room = state.currentRoom;
      if (!room) return;
      room.members = [...room.members.filter(({ id }) => id !== member.id), member];
      room.participants = room.members.map(({ id }) => id);
    },
    memberGone(state, { payload: gone }: PayloadAction<string>) {
      const room = state.currentRoom;
      if (!room) return;
      room.members = room.members.filter(({ id }) => id !== gone);
      room.participants = room.members.map(({ id }) => id);
    },
    hostChanged(state, { payload: host }: PayloadAction<string>) {
      if (state.currentRoom) state.currentRoom.host = host;
    },
    /** Decisions may overtake each other; the higher generation holds. */
    modeChanged(state, { payload }: PayloadAction<Omit<ModeChanged, 'type' | 'roomId'>>) {
      const room = state.currentRoom;
      if (!room || payload.generation < room.generation) return;
      Object.assign(room, payload);
      state.strained = payload.strained;
      if (state.moving && state.moving.generation <= payload.generation) state.moving = null;
    },
    /** The room is to change its mode: only `modeChanged` says that it has. */
    handOverBegan(state, { payload }: PayloadAction<Omit<PrepareHandOver, 'type' | 'roomId'>>) {
      const { mode, generation } = payload;
      const known = state.currentRoom?.generation ?? Infinity;
      if (generation > known) state.moving = { mode, generation };
    },
    handedOver(state, { payload }: PayloadAction<HandOver>) {
      state.lastHandOver = payload;
    },
    wayChanged(state, { payload }: PayloadAction<NonNullable<RoomState['way']>>) {
      state.way = payload;
    },
  },
  extraReducers(builder) {
    builder
      .addCase(locationChanged, (state, { payload }) => {
        if (state.currentRoomId === payload.roomId) return;
        state.error = null;
        state.preview = null;
        state.currentRoomId = payload.roomId;
      })
      .addCase(roomLeft, (state) => {
        state.currentRoom = null;
        state.grants = null;
        state.strained = false;
        state.moving = null;
        state.lastHandOver = null;
        state.way = null;
      })
      .addCase(fetchRooms.pending, (state) => {
        state.loading ??= 'list';
        state.listed = true;
      })
      .addCase(fetchRoomInfo.pending, (state) => {
        state.loading ??= 'preview';
      })
      .addCase(fetchRoomInfo.fulfilled, (state, { payload, meta }) => {
        if (state.currentRoomId === meta.arg) state.preview = payload;
      })
      .addCase(createRoom.pending, (state) => {
        state.loading = 'create';
        state.error = null;
      })
      .addCase(joinRoom.pending, (state) => {
        state.loading = 'join';
        state.error = null;
      })
      .addMatcher(isSettled, (state) => {
        state.loading = null;
      })
      .addMatcher(isRejected, (state, { payload, error }) => {
        state.error = payload ?? { code: 'offline', message: error.message ?? '' };
      });
  },
});

const THUNKS = [fetchRooms, fetchRoomInfo, createRoom, joinRoom] as const;
type Thunk = (typeof THUNKS)[number];

function isRejected(action: { type: string }): action is ReturnType<Thunk['rejected']> {
  return THUNKS.some((thunk) => thunk.rejected.match(action));
}

function isSettled(action: { type: string }): boolean {
  return isRejected(action) || THUNKS.some((thunk) => thunk.fulfilled.match(action));
}

export const {
  setCurrentRoom,
  granted,
  setRoomFilter,
  clearRoomError,
  roomReturning,
  roomsListed,
  memberEntered,
  memberGone,
  hostChanged,
  modeChanged,
  handOverBegan,
  handedOver,
  wayChanged,
} = slice.actions;
export const roomReducer = slice.reducer;
