/** Where in the page one is, its theme, and what it has to tell. */

import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit';

import { locationChanged } from '../location';
import type { DashboardState, Notification, Theme } from '../state';

/** More than this at once is noise: the oldest go. */
const MAX_NOTIFICATIONS = 3;

const initialState: DashboardState = {
  currentPage: 'dashboard',
  sidebarOpen: false,
  theme: 'light',
  notifications: [],
  loading: false,
};

type NewNotification = Pick<Notification, 'code'> & Partial<Pick<Notification, 'tone' | 'values'>>;

/** A crowd that comes in is one piece of news. */
function folded(known: readonly Notification[], news: Notification): Notification[] {
  const before = known.find(({ code }) => code === 'member-joined');
  if (news.code !== 'member-joined' || !before) return [...known, news];
  const others = Number(before.values['others'] ?? 0) + 1;
  const all = { ...news, values: { ...news.values, others: String(others) } };
  return [...known.filter((one) => one !== before), all];
}

const slice = createSlice({
  name: 'dashboard',
  initialState,
  reducers: {
    toggleSidebar(state, { payload }: PayloadAction<boolean | undefined>) {
      state.sidebarOpen = payload ?? !state.sidebarOpen;
    },
    setTheme(state, { payload }: PayloadAction<Theme>) {
      state.theme = payload;
    },
    addNotification: {
      prepare: ({ code, tone = 'info', values = {} }: NewNotification) => ({
        payload: { id: nanoid(), code, tone, values },
      }),
      reducer(state, { payload }: PayloadAction<Notification>) {
        state.notifications = folded(state.notifications, payload).slice(-MAX_NOTIFICATIONS);
      },
    },
    dismissNotification(state, { payload: dismissed }: PayloadAction<string>) {
      state.notifications = state.notifications.filter(({ id }) => id !== dismissed);
    },
  },
  extraReducers(builder) {
    builder.addCase(locationChanged, (state, { payload }) => {
      state.currentPage = payload.page;
    });
  },
});

export const { toggleSidebar, setTheme, addNotification, dismissNotification } = slice.actions;
export const dashboardReducer = slice.reducer;
