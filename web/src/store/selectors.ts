/** What components ask the store. Derived values are memoised: same input, same object. */

import { createSelector } from '@reduxjs/toolkit';

import type { ConnectionStatus, PeerPhase } from '../session/peer_phase';
import { LOCAL, type StreamSource } from '../session/streams';
import { selectGrants } from './invited';
import { pictureKey } from './slices/rtc_connection';
import type { ChatEntry, Participant, PeerConnectionState, RootState } from './state';

/** A participant with what other slices know. */
export interface ParticipantView extends Participant {
  readonly isLocal: boolean;
  /** Where to find streams and levels: the member id, or `LOCAL`. */
  readonly streamId: string;
  readonly connectionStatus: ConnectionStatus;
  readonly phase: PeerPhase;
  /** Media flowed before and does not now. */
  readonly interrupted: boolean;
  readonly latency: number | null;
  readonly isModerator: boolean;
  /** Not connected, and not to be: only the latest speakers are, as long as the server is lost. */
  readonly isApart: boolean;
}

const NO_CONNECTION: PeerConnectionState = {
  status: 'disconnected',
  phase: 'disconnected',
  wasConnected: false,
  stats: null,
  error: null,
};
const PICTURELESS = { videoEnabled: false, screenSharing: false } as const;
const NO_MESSAGES: readonly ChatEntry[] = [];

const selectList = (state: RootState) => state.participants.list;
export const selectConnections = (state: RootState) => state.rtcConnection.connections;
export const selectCurrentRoom = (state: RootState) => state.room.currentRoom;
export const selectSignaling = (state: RootState) => state.rtcConnection.signaling;
/** Whether the server can forward media. */
export const selectHasSfu = (state: RootState): boolean =>
  selectSignaling(state).features?.sfu ?? false;

const selectHost = (state: RootState) => state.room.currentRoom?.host ?? null;

const selectSelf = (state: RootState) => state.rtcConnection.signaling.memberId ?? '';

/** Who is connected while a server is lost that a mesh cannot stand in for; null: everybody is. */
export const selectCore = (state: RootState) => state.room.currentRoom?.core ?? null;

export const selectInCore = (state: RootState): boolean =>
  selectCore(state)?.includes(selectSelf(state)) ?? true;

/** What of a member can reach us at all, whatever they say of themselves. */
function reachOf(state: RootState, id: string): 'all' | 'voice' | 'none' {
  const core = selectCore(state);
  if (core === null) return 'all';
  return selectInCore(state) && core.includes(id) ? 'voice' : 'none';
}

/** Whether we are the host. */
export const selectIsHost = (state: RootState): boolean => selectHost(state) === selectSelf(state);
/** Whether we may decide for the room, as its host may. */
export const selectModerates = (state: RootState): boolean => {
  const { moderate, admin } = selectGrants(state);
  return selectIsHost(state) || moderate || admin;
};

/** Why our media does not reach the server: so it says of our network, or so it seems to us. */
export const selectOwnTrouble = (state: RootState): 'network' | 'way' | null => {
  const { currentRoom, way } = state.room;
  if (currentRoom?.unreachable.includes(selectSelf(state))) return 'network';
  const fails = way?.mode === 'sfu' && way.health === 'failed';
  return fails && currentRoom?.mode === 'sfu' ? 'way' : null;
};

const selectSwitches = createSelector(
  [
    (state: RootState) => state.rtcConnection.audioEnabled,
    (state: RootState) => state.rtcConnection.videoEnabled,
    (state: RootState) => state.rtcConnection.screenSharing,
  ],
  (audioEnabled, videoEnabled, screenSharing) => ({ audioEnabled, videoEnabled, screenSharing }),
);

export const selectConnectedPeers = createSelector([selectConnections], (connections) =>
  Object.keys(connections).filter((id) => connections[id]?.status === 'connected'),
);

export const selectFailedConnections = createSelector([selectConnections], (connections) =>
  Object.keys(connections).filter((id) => connections[id]?.status === 'failed'),
);

export const selectPeerStatus = (state: RootState, peerId: string): ConnectionStatus =>
  state.rtcConnection.connections[peerId]?.status ?? 'disconnected';

export const selectPeerPhase = (state: RootState, peerId: string): PeerPhase =>
  state.rtcConnection.connections[peerId]?.phase ?? 'disconnected';

export const selectPeerStats = (state: RootState, peerId: string) =>
  state.rtcConnection.connections[peerId]?.stats ?? null;

/** What a member's picture lacks, and why; null: nothing, or it is our own. */
export const selectPictureLimited = (state: RootState, memberId: string, source: StreamSource) =>
  state.rtcConnection.pictureLimits[pictureKey(memberId, source)] ?? null;

/** Whether our own network keeps our picture small. */
export const selectUplinkIsNarrow = (state: RootState): boolean =>
  state.rtcConnection.videoEnabled &&
  Object.values(selectConnections(state)).some(({ stats }) => stats?.limitedBy === 'bandwidth');

/** How many pictures wait until our network carries them. */
export const selectWaitingPictures = (state: RootState): number =>
  Object.values(state.rtcConnection.pictureLimits).filter(
    ({ by, paused }) => by === 'bandwidth' && paused,
  ).length;

/** One remote participant as shown; null when gone. */
export const selectParticipant = createSelector(
  [
    (state: RootState, id: string) => selectList(state).find((one) => one.id === id),
    (state: RootState, id: string) => state.rtcConnection.connections[id],
    selectHost,
    reachOf,
  ],
  (participant, connection, host, reach): ParticipantView | null => {
    if (!participant) return null;
    const { status, phase, wasConnected, stats } = connection ?? NO_CONNECTION;
    return {
      ...participant,
      ...(reach === 'all' ? {} : PICTURELESS),
      isLocal: false,
      streamId: participant.id,
      connectionStatus: status,
      phase,
      interrupted: wasConnected && status !== 'connected',
      latency: stats?.latency ?? null,
      isModerator: participant.id === host,
      isApart: reach === 'none',
    };
  },
);

/** Ourselves as shown; null outside a room. */
export const selectLocalParticipant = createSelector(
  [(state: RootState) => state.participants.localParticipant, selectSwitches, selectHost],
  (local, switches, host): ParticipantView | null =>
    local && {
      ...local,
      ...switches,
      isLocal: true,
      streamId: LOCAL,
      connectionStatus: 'connected',
      phase: 'active',
      interrupted: false,
      latency: null,
      isModerator: local.id === host,
      isApart: false,
    },
);

/** The ids of the others, in the order in which they came: stable while nobody comes or goes. */
export const selectParticipantIds = createSelector(
  [selectList],
  (list) => list.map(({ id }) => id),
  { memoizeOptions: { resultEqualityCheck: sameItems } },
);

/** Who of the others has spoken, the latest first; the rest of them is not listed. */
export const selectSpeakers = createSelector(
  [(state: RootState) => state.participants.speakers, selectList],
  (speakers, list) => speakers.filter((id) => list.some((one) => one.id === id)),
  { memoizeOptions: { resultEqualityCheck: sameItems } },
);

/** Who of the others speaks, or spoke last, whichever way the media travels; null: nobody has. */
export const selectDominantSpeaker = (state: RootState): string | null =>
  selectSpeakers(state)[0] ?? null;

/** Our own id while we are in a room. */
export const selectSelfId = (state: RootState): string | null =>
  state.participants.localParticipant?.id ?? null;

/** Whose picture is pinned to the stage, and which. */
export const selectPinned = createSelector(
  [
    (state: RootState) => state.participants.selectedParticipantId,
    (state: RootState) => state.participants.selectedSource,
  ],
  (id, source): { readonly id: string; readonly source: StreamSource } | null =>
    id === null ? null : { id, source },
);

/** Who of the others shares a screen. */
export const selectSharingIds = createSelector(
  [selectList, selectCore],
  (list, core) =>
    core === null ? list.filter(({ screenSharing }) => screenSharing).map(({ id }) => id) : [],
  { memoizeOptions: { resultEqualityCheck: sameItems } },
);

/** Whose hands are up, ourselves included, in the order in which they rose. */
export const selectHands = createSelector(
  [selectList, (state: RootState) => state.participants.localParticipant],
  (list, local) =>
    [...list, ...(local ? [local] : [])]
      .flatMap(({ id, raisedAt }) => (raisedAt === null ? [] : [{ id, raisedAt }]))
      .sort((a, b) => a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1))
      .map(({ id }) => id),
  { memoizeOptions: { resultEqualityCheck: sameItems } },
);

/** A hand's place among those that are up, from 1; 0: it is not up. */
export const selectHandPlace = (state: RootState, id: string): number =>
  selectHands(state).indexOf(id) + 1;

/** Everybody else as shown, in the order in which they came. */
export const selectParticipants = createSelector(
  [(state: RootState) => state],
  (state) =>
    selectList(state)
      .map(({ id }) => selectParticipant(state, id))
      .filter((one) => one !== null),
  { memoizeOptions: { resultEqualityCheck: sameItems } },
);

export const selectParticipantsWithVideo = createSelector([selectParticipants], (all) =>
  all.filter(({ videoEnabled }) => videoEnabled),
);

/** Whose round trips take longer than `threshold` milliseconds. */
export const selectHighLatencyParticipants = createSelector(
  [selectParticipants, (_state: RootState, threshold: number) => threshold],
  (all, threshold) => all.filter(({ latency }) => latency !== null && latency > threshold),
);

export const selectCurrentMessages = (state: RootState): readonly ChatEntry[] =>
  state.messages.byRoom[state.room.currentRoom?.id ?? '']?.entries ?? NO_MESSAGES;

/** The public rooms that match the search, in the chosen order. */
export const selectRooms = createSelector(
  [(state: RootState) => state.room.list, (state: RootState) => state.room.filter],
  (list, { search, sortBy }) => {
    const wanted = search.trim().toLocaleLowerCase();
    const found = list.filter(
      ({ name, description }) =>
        name.toLocaleLowerCase().includes(wanted) ||
        description.toLocaleLowerCase().includes(wanted),
    );
    if (sortBy === 'name') return found.sort((a, b) => a.name.localeCompare(b.name));
    if (sortBy === 'people') return found.sort((a, b) => b.participantCount - a.participantCount);
    return found.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  },
);

/** Whether the room in the address bar is the one we are in. */
export const selectInRoom = (state: RootState): boolean =>
  state.room.currentRoom !== null && state.room.currentRoom.id === state.room.currentRoomId;

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
