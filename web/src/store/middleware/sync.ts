/**
 * Keeps the store equal to the server: what the server says becomes actions, what we want to
 * remain (a room, its list, a message) is asked for again when the connection had to start over.
 */

import type { Middleware } from '@reduxjs/toolkit';

import type { SignalingEvent } from '../../signaling/port';
import type { Backstage, StoreApi } from '../backstage';
import { locationChanged } from '../location';
import { messageSent } from '../message_actions';
import { leaveRoom } from '../room_actions';
import { addNotification } from '../slices/dashboard';
import { addMessage, messageFailed } from '../slices/messages';
import { setLocalParticipant } from '../slices/participants';
import { signalingChanged } from '../slices/rtc_connection';
import { updateUserProfile } from '../slices/auth';
import type { RootState } from '../state';
import { ServerEvents } from '../server_events';
import { restoreSession } from '../restore_session';

export function createSyncMiddleware(backstage: Backstage): Middleware<object, RootState> {
  return (api: StoreApi) => {
    const events = new ServerEvents(backstage, api.dispatch, api.getState);
    backstage.signaling.subscribe((event) => {
      if (event.type === 'message') events.apply(event.message);
      else applyConnection(event, backstage, api);
    });
    return (next) => (action) => {
      const result = next(action);
      react(action, backstage, api);
      return result;
    };
  };
}

type ConnectionEvent = Exclude<SignalingEvent, { type: 'message' }>;

function applyConnection(event: ConnectionEvent, backstage: Backstage, api: StoreApi): void {
  const { dispatch } = api;
  switch (event.type) {
    case 'status':
      dispatch(signalingChanged({ status: event.status, attempts: event.attempts }));
      break;
    case 'goodbye': {
      const { code, message, reconnect } = event.goodbye;
      dispatch(signalingChanged({ goodbye: { code, message, reconnect } }));
      dispatch(
        addNotification({ code: 'goodbye', tone: 'warning', values: { reason: code, message } }),
      );
      break;
    }
    case 'session': {
      const { id, version, limits, features } = event.greeting;
      dispatch(
        signalingChanged({ memberId: id, serverVersion: version, limits, features, goodbye: null }),
      );
      if (!event.resumed) restoreSession(backstage, dispatch, api.getState());
    }
  }
}

function react(action: unknown, backstage: Backstage, { dispatch, getState }: StoreApi): void {
  if (locationChanged.match(action)) {
    const { currentRoom, currentRoomId } = getState().room;
    // Settings may be looked at during a call; anything else is leaving.
    const leaves = action.payload.page !== 'settings' && currentRoom?.id !== currentRoomId;
    if (currentRoom && leaves) dispatch(leaveRoom());
  } else if (messageSent.match(action)) {
    void say(action.payload, backstage, { dispatch, getState });
  } else if (updateUserProfile.match(action)) {
    renewLocal({ dispatch, getState });
  }
}

/** What we say of ourselves also changes what we see of ourselves. */
function renewLocal({ dispatch, getState }: StoreApi): void {
  const { participants, auth } = getState();
  const local = participants.localParticipant;
  if (local && auth.user) dispatch(setLocalParticipant({ ...local, status: auth.user.status }));
}

type Said = ReturnType<typeof messageSent>['payload'];

async function say(
  said: Said,
  { signaling }: Backstage,
  { dispatch, getState }: StoreApi,
): Promise<void> {
  const { participants, rtcConnection } = getState();
  const { roomId, nonce, text, sentAt } = said;
  dispatch(
    addMessage({
      roomId,
      nonce,
      text,
      sentAt,
      from: rtcConnection.signaling.memberId ?? '',
      name: participants.localParticipant?.name ?? '',
      messageId: null,
      order: null,
      own: true,
    }),
  );
  try {
    await signaling.request({ type: 'chat', roomId, payload: text, nonce });
  } catch {
    dispatch(messageFailed({ roomId, nonce }));
  }
}
