/** What people feel just now, over their pictures. */

import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit';

import type { Reaction } from '../call/reactions';
import { roomLeft } from '../room_actions';
import type { ReactionsState, ShownReaction } from '../state';

/** More than this at once nobody can see: the oldest go. */
const MOST = 40;

const initialState: ReactionsState = { shown: [] };

const slice = createSlice({
  name: 'reactions',
  initialState,
  reducers: {
    reactionShown: {
      prepare: (memberId: string, reaction: Reaction) => ({
        payload: { id: nanoid(), memberId, reaction },
      }),
      reducer(state, { payload }: PayloadAction<ShownReaction>) {
        state.shown = [...state.shown, payload].slice(-MOST);
      },
    },
    reactionFaded(state, { payload: faded }: PayloadAction<string>) {
      state.shown = state.shown.filter(({ id }) => id !== faded);
    },
  },
  extraReducers(builder) {
    builder.addCase(roomLeft, () => initialState);
  },
});

export const { reactionShown, reactionFaded } = slice.actions;
export const reactionsReducer = slice.reducer;
