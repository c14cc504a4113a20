/** Back at a server that does not know us any more: what was, is asked for again. */

import type { AppDispatch, Backstage } from './backstage';
import { failureOf } from './backstage';
import { tokenFor } from './invited';
import { fetchRooms, joinPayload, roomLeft } from './room_actions';
import { addNotification } from './slices/dashboard';
import type { RootState } from './state';

export function restoreSession(
  backstage: Backstage,
  dispatch: AppDispatch,
  state: RootState,
): void {
  if (state.room.listed) void dispatch(fetchRooms());
  const { wish } = backstage.membership;
  // A first join that is still on its way is repeated by the client itself.
  if (!wish || state.room.currentRoom?.id !== wish.roomId) return;
  const payload = joinPayload(wish, backstage.instance, tokenFor(state, wish.roomId));
  backstage.signaling.request({ type: 'join-room', payload }).catch((error: unknown) => {
    if (backstage.membership.wish?.roomId !== wish.roomId) return;
    const { code, message } = failureOf(error);
    // No answer is no refusal: the next session tries again.
    if (code === 'timeout' || code === 'offline') return;
    backstage.membership.forget();
    dispatch(
      addNotification({ code: 'room-lost', tone: 'error', values: { reason: code, message } }),
    );
    dispatch(roomLeft());
  });
}
