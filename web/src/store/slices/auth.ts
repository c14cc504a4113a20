/** Who uses this page. Guests only: a name, remembered by the browser. */

import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit';

import { invited } from '../invitation_actions';
import type { AuthState, User } from '../state';

const initialState: AuthState = {
  isAuthenticated: false,
  user: null,
  token: null,
  invitation: null,
  loading: false,
  error: null,
};

const slice = createSlice({
  name: 'auth',
  initialState,
  reducers: {
    login: {
      prepare: (guest: { readonly name: string; readonly id?: string }) => ({
        payload: { name: guest.name.trim(), id: guest.id ?? nanoid() },
      }),
      reducer(state, { payload }: PayloadAction<{ name: string; id: string }>) {
        state.isAuthenticated = true;
        state.user = { ...payload, email: null, avatar: null, status: 'active' };
        state.error = null;
      },
    },
    // Whoever uses this page, the link has brought them here.
    logout: ({ token, invitation }) => ({ ...initialState, token, invitation }),
    updateUserProfile(state, { payload }: PayloadAction<Partial<Omit<User, 'id'>>>) {
      if (state.user) state.user = { ...state.user, ...payload };
    },
  },
  extraReducers(builder) {
    builder.addCase(invited, (state, { payload }) => {
      state.invitation = payload;
      state.token = payload?.token ?? null;
    });
  },
});

export const { login, logout, updateUserProfile } = slice.actions;
export const authReducer = slice.reducer;
