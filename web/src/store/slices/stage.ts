/** How the people of a call are laid out, as whoever looks at them has chosen. */

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

import type { StageLayout, StageState } from '../state';

const initialState: StageState = { layout: 'grid' };

const slice = createSlice({
  name: 'stage',
  initialState,
  reducers: {
    setLayout(state, { payload }: PayloadAction<StageLayout>) {
      state.layout = payload;
    },
  },
});

export const { setLayout } = slice.actions;
export const stageReducer = slice.reducer;
