/** What the server says about the room we are in, as store actions. */

import { createAction } from '@reduxjs/toolkit';

import type { ChatMessage, Member, Room } from '../signaling/protocol';
import type { ChatUpdate } from './chat_merge';
import type { Participant, User } from './state';

/**
 * We are in, for the first time or again, and the store knows who else is. `partial`: the server
 * has just reopened the room and knows only those who are back.
 */
export const roomEntered = createAction<{ readonly room: Room; readonly partial: boolean }>(
  'room/entered',
);

/** A member's connection to the server is back. */
export const memberReachable = createAction<string>('rtc/memberReachable');

const UNKNOWN = {
  name: '',
  email: null,
  avatar: null,
  status: 'active',
  audioEnabled: false,
  videoEnabled: false,
  screenSharing: false,
  raisedAt: null,
} as const;

/** A member as a participant; the media switches are what the member says of itself later. */
export function toParticipant(member: Member, known?: Participant): Participant {
  const said = known ?? UNKNOWN;
  return {
    ...said,
    id: member.id,
    userId: member.id,
    name: member.name ?? said.name,
    online: member.presence === 'online',
    joinedAt: member.joinedAt,
  };
}

export function toLocalParticipant(
  member: Member,
  user: User | null,
  known?: Participant,
): Participant {
  return {
    ...toParticipant(member, known),
    userId: user?.id ?? member.id,
    email: user?.email ?? null,
    avatar: user?.avatar ?? null,
    status: user?.status ?? 'active',
    online: true,
  };
}

/** A message as the server tells it. */
export function toChatUpdate(message: ChatMessage, self: string | null): ChatUpdate {
  return {
    roomId: message.roomId,
    from: message.from,
    name: message.name ?? '',
    text: message.payload,
    sentAt: message.sentAt,
    nonce: message.nonce,
    messageId: message.messageId,
    order: message.order,
    own: message.from === self,
  };
}
