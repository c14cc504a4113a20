/** Saying something, and fetching what was said before. */

import { createAction, nanoid } from '@reduxjs/toolkit';

import { createAppThunk, failureOf, type AppThunk } from './backstage';

/** A message of ours, about to go both roads; `now` as ISO 8601. */
export const messageSent = createAction<{
  readonly roomId: string;
  readonly nonce: string;
  readonly text: string;
  readonly sentAt: string;
}>('messages/sent');

/** Says something to the room one is in. */
export function sendMessage(text: string): AppThunk {
  return (dispatch, getState) => {
    const room = getState().room.currentRoom;
    const trimmed = text.trim();
    if (!room || !trimmed) return;
    const sentAt = new Date().toISOString();
    dispatch(messageSent({ roomId: room.id, nonce: nanoid(), text: trimmed, sentAt }));
  };
}

/** Sends a message again that did not get through; where it did after all, it is not shown twice. */
export function retryMessage(nonce: string): AppThunk {
  return (dispatch, getState) => {
    const { room, messages } = getState();
    const entries = messages.byRoom[room.currentRoom?.id ?? '']?.entries ?? [];
    const entry = entries.find((one) => one.own && one.nonce === nonce);
    if (entry) dispatch(messageSent({ ...entry, nonce, sentAt: new Date().toISOString() }));
  };
}

/** Asks for what was said in a room since the last message we know. */
export const fetchMessages = createAppThunk(
  'messages/fetch',
  async (roomId: string, { extra, getState, rejectWithValue }) => {
    const room = getState().messages.byRoom[roomId];
    const orders = room?.entries.filter(({ epoch }) => epoch === room.epoch) ?? [];
    const after = Math.max(0, ...orders.map(({ order }) => order ?? 0));
    try {
      const request = { type: 'chat-history', roomId, after } as const;
      return (await extra.signaling.request(request)).messages.length;
    } catch (error) {
      return rejectWithValue(failureOf(error));
    }
  },
);
