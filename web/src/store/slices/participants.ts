/** The people of the current room, in the order in which they came. */

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

import { roomLeft } from '../room_actions';
import type { Participant, ParticipantsState } from '../state';

const initialState: ParticipantsState = {
  list: [],
  localParticipant: null,
  selectedParticipantId: null,
  speakers: [],
  selectedSource: 'camera',
};

type MediaUpdate = Pick<Participant, 'id'> &
  Partial<Pick<Participant, 'audioEnabled' | 'videoEnabled' | 'screenSharing'>>;

type StatusUpdate = Pick<Participant, 'id'> &
  Partial<Pick<Participant, 'status' | 'online' | 'name' | 'raisedAt'>>;

const slice = createSlice({
  name: 'participants',
  initialState,
  reducers: {
    /** Adds somebody, or renews what the server says about them; places never change. */
    addParticipant(state, { payload }: PayloadAction<Participant>) {
      const index = state.list.findIndex(({ id }) => id === payload.id);
      if (index < 0) state.list.push(payload);
      else state.list[index] = payload;
    },
    removeParticipant(state, { payload: gone }: PayloadAction<string>) {
      state.list = state.list.filter(({ id }) => id !== gone);
      if (state.selectedParticipantId === gone) state.selectedParticipantId = null;
      state.speakers = state.speakers.filter((id) => id !== gone);
    },
    updateParticipantStatus(state, { payload }: PayloadAction<StatusUpdate>) {
      Object.assign(state.list.find(({ id }) => id === payload.id) ?? {}, payload);
    },
    updateParticipantMedia(state, { payload }: PayloadAction<MediaUpdate>) {
      const participant = state.list.find(({ id }) => id === payload.id);
      if (!participant) return;
      // Whoever begins to show something wants it to be looked at.
      if (payload.screenSharing && !participant.screenSharing) state.selectedParticipantId = null;
      const pinned =
        state.selectedParticipantId === payload.id && state.selectedSource === 'screen';
      if (pinned && payload.screenSharing === false) state.selectedParticipantId = null;
      Object.assign(participant, payload);
    },
    setLocalParticipant(state, { payload }: PayloadAction<Participant>) {
      state.localParticipant = payload;
    },
    /** Since when our own hand is up; null: it is not. */
    setOwnHand(state, { payload }: PayloadAction<number | null>) {
      if (state.localParticipant) state.localParticipant.raisedAt = payload;
    },
    /** Somebody has the floor, by what we hear ourselves. */
    tookFloor(state, { payload: speaker }: PayloadAction<string>) {
      state.speakers = [speaker, ...state.speakers.filter((id) => id !== speaker)];
    },
    /** The server tells who has spoken, the latest first; whom it does not name spoke before. */
    speakersTold(state, { payload: told }: PayloadAction<readonly string[]>) {
      state.speakers = [...told, ...state.speakers.filter((id) => !told.includes(id))];
    },
    /** Pins somebody to the stage; null: nobody. */
    pinParticipant(state, { payload }: PayloadAction<string | null>) {
      state.selectedParticipantId = payload;
      state.selectedSource = 'camera';
    },
    /** Pins somebody's screen. */
    pinScreen(state, { payload }: PayloadAction<string>) {
      state.selectedParticipantId = payload;
      state.selectedSource = 'screen';
    },
  },
  extraReducers(builder) {
    builder.addCase(roomLeft, () => initialState);
  },
});

export const {
  addParticipant,
  removeParticipant,
  updateParticipantStatus,
  updateParticipantMedia,
  setLocalParticipant,
  setOwnHand,
  tookFloor,
  speakersTold,
  pinParticipant,
  pinScreen,
} = slice.actions;
export const participantsReducer = slice.reducer;
