/** What a host decides about the way media travels. */

import type { Mode } from '../session/media_session';
import { createAppThunk, failureOf } from './backstage';

/** Holds the room in a mode, or (null) leaves it to the server. */
export const pinMode = createAppThunk(
  'room/pin',
  async (mode: Mode | null, { extra, getState, rejectWithValue }) => {
    const roomId = getState().room.currentRoom?.id;
    if (roomId === undefined) return rejectWithValue({ code: 'not-a-member', message: '' });
    try {
      await extra.signaling.request({ type: 'pin-mode', roomId, mode });
      return mode;
    } catch (error) {
      return rejectWithValue(failureOf(error));
    }
  },
);
