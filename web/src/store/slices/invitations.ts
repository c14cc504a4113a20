/** Invitations, as soon as there are any: nothing sends or receives them yet. */

import { createSlice } from '@reduxjs/toolkit';

import type { InvitationsState } from '../state';

const initialState: InvitationsState = {
  sent: [],
  received: [],
  filter: { type: 'all', status: 'all', search: '' },
};

const slice = createSlice({ name: 'invitations', initialState, reducers: {} });

export const invitationsReducer = slice.reducer;
