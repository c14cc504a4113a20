/** Links to the other members, our own media switches, and the connection to the server. */

import { createSlice, type PayloadAction } from '@reduxjs/toolkit';

import type { PictureLimit } from '../../session/media_session';
import { statusOf, type PeerPhase } from '../../session/peer_phase';
import type { PeerStatistics } from '../../session/statistics';
import type { StreamSource } from '../../session/streams';
import { roomLeft } from '../room_actions';
import type { RtcConnectionState, SignalingState } from '../state';

const initialState: RtcConnectionState = {
  connections: {},
  pictureLimits: {},
  audioEnabled: true,
  videoEnabled: true,
  screenSharing: false,
  signaling: {
    status: 'idle',
    attempts: 0,
    memberId: null,
    serverVersion: null,
    limits: null,
    features: null,
    goodbye: null,
  },
};

interface StatusUpdate {
  readonly peerId: string;
  readonly phase: PeerPhase;
  readonly error?: string | null;
}

interface LimitUpdate {
  readonly peerId: string;
  readonly source: StreamSource;
  readonly limit: PictureLimit | null;
}

interface StatsUpdate {
  readonly peerId: string;
  readonly stats: PeerStatistics;
}

type MediaSwitches = Partial<
  Pick<RtcConnectionState, 'audioEnabled' | 'videoEnabled' | 'screenSharing'>
>;

/** Under which a member's picture is found. */
export function pictureKey(memberId: string, source: StreamSource): string {
  return `${source}:${memberId}`;
}

function without<T>(all: Record<string, T>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !keys.includes(key)));
}

const slice = createSlice({
  name: 'rtcConnection',
  initialState,
  reducers: {
    addPeerConnection(state, { payload: peerId }: PayloadAction<string>) {
      state.connections[peerId] ??= {
        status: 'disconnected',
        phase: 'disconnected',
        wasConnected: false,
        stats: null,
        error: null,
      };
    },
    removePeerConnection(state, { payload: peerId }: PayloadAction<string>) {
      state.connections = Object.fromEntries(
        Object.entries(state.connections).filter(([id]) => id !== peerId),
      );
      const pictures = [pictureKey(peerId, 'camera'), pictureKey(peerId, 'screen')];
      state.pictureLimits = without(state.pictureLimits, pictures);
    },
    pictureLimited(state, { payload }: PayloadAction<LimitUpdate>) {
      const key = pictureKey(payload.peerId, payload.source);
      if (payload.limit) state.pictureLimits[key] = payload.limit;
      else state.pictureLimits = without(state.pictureLimits, [key]);
    },
    updateConnectionStatus(state, { payload }: PayloadAction<StatusUpdate>) {
      const connection = state.connections[payload.peerId];
      if (!connection) return;
      connection.phase = payload.phase;
      connection.status = statusOf(payload.phase);
      connection.wasConnected ||= connection.status === 'connected';
      connection.error = payload.error ?? null;
    },
    updateConnectionStats(state, { payload }: PayloadAction<StatsUpdate>) {
      const connection = state.connections[payload.peerId];
      if (connection) connection.stats = payload.stats;
    },
    toggleAudio(state) {
      state.audioEnabled = !state.audioEnabled;
    },
    toggleVideo(state) {
      state.videoEnabled = !state.videoEnabled;
    },
    toggleScreenShare(state) {
      state.screenSharing = !state.screenSharing;
    },
    /** What the devices made of it: a camera that is not to be had is not on. */
    setMedia(state, { payload }: PayloadAction<MediaSwitches>) {
      Object.assign(state, payload);
    },
    signalingChanged(state, { payload }: PayloadAction<Partial<SignalingState>>) {
      Object.assign(state.signaling, payload);
    },
  },
  extraReducers(builder) {
    builder.addCase(roomLeft, (state) => {
      state.connections = {};
      state.pictureLimits = {};
    });
  },
});

export const {
  addPeerConnection,
  removePeerConnection,
  pictureLimited,
  updateConnectionStatus,
  updateConnectionStats,
  toggleAudio,
  toggleVideo,
  toggleScreenShare,
  setMedia,
  signalingChanged,
} = slice.actions;
export const rtcConnectionReducer = slice.reducer;
