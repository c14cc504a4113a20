/** The store: its reducers, and the three middlewares that work for them. */

import { combineReducers, configureStore } from '@reduxjs/toolkit';

import type { Backstage } from './backstage';
import { createAuthMiddleware, type AuthEnvironment } from './middleware/auth';
import { createRtcMiddleware } from './middleware/rtc';
import { createSyncMiddleware } from './middleware/sync';
import { authReducer } from './slices/auth';
import { dashboardReducer } from './slices/dashboard';
import { invitationsReducer } from './slices/invitations';
import { messagesReducer } from './slices/messages';
import { participantsReducer } from './slices/participants';
import { reactionsReducer } from './slices/reactions';
import { roomReducer } from './slices/room';
import { rtcConnectionReducer } from './slices/rtc_connection';
import { stageReducer } from './slices/stage';

const rootReducer = combineReducers({
  auth: authReducer,
  rtcConnection: rtcConnectionReducer,
  participants: participantsReducer,
  invitations: invitationsReducer,
  room: roomReducer,
  messages: messagesReducer,
  reactions: reactionsReducer,
  stage: stageReducer,
  dashboard: dashboardReducer,
});

export function createStore(backstage: Backstage, auth: AuthEnvironment) {
  return configureStore({
    reducer: rootReducer,
    middleware: (defaults) =>
      defaults({ thunk: { extraArgument: backstage } }).concat(
        createSyncMiddleware(backstage),
        createRtcMiddleware(backstage),
        createAuthMiddleware(auth),
      ),
  });
}

export type AppStore = ReturnType<typeof createStore>;
