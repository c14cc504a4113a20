/** What a person can do about the connection to the server, and to other members. */

import { createAction } from '@reduxjs/toolkit';

import type { AppThunk } from './backstage';

/** Connects, or tries again now instead of later. */
export function connect(): AppThunk {
  return (_dispatch, _getState, { signaling }) => signaling.connect();
}

/** Stops trying; the call goes on without the server as long as it can. */
export function disconnect(): AppThunk {
  return (_dispatch, _getState, { signaling }) => signaling.disconnect();
}

/** Drops the connection to the server and makes a new one, and revives what links need it. */
export function forceReconnect(): AppThunk {
  return (dispatch, _getState, { signaling }) => {
    signaling.disconnect();
    signaling.connect();
    dispatch(reconnectPeers(null));
  };
}

/** Tries again with one member, or (null) with everybody who is not connected. */
export const reconnectPeers = createAction<string | null>('rtc/reconnectPeers');
