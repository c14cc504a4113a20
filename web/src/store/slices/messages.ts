/** What was said, per room. */

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

import { mergeChat, type ChatUpdate } from '../chat_merge';
import { fetchMessages } from '../message_actions';
import type { MessagesState } from '../state';

const initialState: MessagesState = { byRoom: {}, unreadCount: 0, open: false, loading: false };

const slice = createSlice({
  name: 'messages',
  initialState,
  reducers: {
    /** Adds a message, or completes one that is shown already. */
    addMessage(state, { payload }: PayloadAction<ChatUpdate & { readonly unread?: boolean }>) {
      const room = (state.byRoom[payload.roomId] ??= { entries: [], epoch: 0 });
      const before = room.entries.length;
      room.entries = mergeChat(room.entries, payload, room.epoch);
      const isNew = room.entries.length > before;
      if (isNew && payload.unread !== false && !payload.own && !state.open) state.unreadCount += 1;
    },
    /** A message of ours did not get through. */
    messageFailed(state, { payload }: PayloadAction<{ roomId: string; nonce: string }>) {
      const room = state.byRoom[payload.roomId];
      if (!room) return;
      room.entries = room.entries.map((entry) =>
        entry.nonce === payload.nonce && entry.own && entry.status === 'pending'
          ? { ...entry, status: 'failed' }
          : entry,
      );
    },
    /** A restarted server numbers from one again. */
    newEpoch(state, { payload: roomId }: PayloadAction<string>) {
      const room = (state.byRoom[roomId] ??= { entries: [], epoch: 0 });
      room.epoch += 1;
    },
    markAsRead(state) {
      state.unreadCount = 0;
    },
    setChatOpen(state, { payload: open }: PayloadAction<boolean>) {
      state.open = open;
      if (open) state.unreadCount = 0;
    },
    clearMessages: () => initialState,
  },
  extraReducers(builder) {
    builder
      .addCase(fetchMessages.pending, (state) => {
        state.loading = true;
      })
      .addCase(fetchMessages.fulfilled, (state) => {
        state.loading = false;
      })
      .addCase(fetchMessages.rejected, (state) => {
        state.loading = false;
      });
  },
});

export const { addMessage, messageFailed, newEpoch, markAsRead, setChatOpen, clearMessages } =
  slice.actions;
export const messagesReducer = slice.reducer;
