/** What the invitation, or the server's word once we are in, lets us do. */

import type { Grants } from '../signaling/protocol';
import { GUEST, type Invitation } from './invitation';
import type { RootState } from './state';

/** The invitation for a room (null: for one that is still to be made), if we have one. */
export function invitationFor({ auth }: RootState, roomId: string | null): Invitation | null {
  const { invitation } = auth;
  if (!invitation) return null;
  if (invitation.roomId === null || invitation.roomId === roomId) return invitation;
  const { moderate, admin } = invitation.grants;
  return roomId === null && (moderate || admin) ? invitation : null;
}

/** As a field of a request. */
export interface ShownToken {
  readonly token?: string;
}

/** The token to show for a room; nothing where there is none. */
export function tokenFor(state: RootState, roomId: string | null): ShownToken {
  const invitation = invitationFor(state, roomId);
  return invitation ? { token: invitation.token } : {};
}

/** What lets us make a room, where that takes an invitation. */
export const selectRoomToken = (state: RootState): string | null =>
  tokenFor(state, null).token ?? null;

/** What we may do in the room we are in, or stand before. */
export function selectGrants(state: RootState): Grants {
  const { currentRoom, currentRoomId, grants } = state.room;
  if (currentRoom) return grants ?? GUEST;
  return invitationFor(state, currentRoomId)?.grants ?? GUEST;
}

/** Whether the room we stand before is there as soon as we come: our invitation opens it. */
export function selectOpensRoom(state: RootState): boolean {
  const invitation = invitationFor(state, state.room.currentRoomId);
  if (!invitation || invitation.roomId === null) return false;
  return invitation.grants.moderate || invitation.grants.admin;
}

/** Whether somebody has invited us to the room we stand before. */
export const selectIsInvited = (state: RootState): boolean =>
  invitationFor(state, state.room.currentRoomId) !== null;

/** The name we go by in the room we stand before, where it is not ours to choose. */
export function selectGivenName(state: RootState): string | null {
  return invitationFor(state, state.room.currentRoomId)?.name ?? null;
}
