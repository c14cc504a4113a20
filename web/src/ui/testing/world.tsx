/** A page without a server, devices or engine: the real reducers, and services one can move. */

import {
  combineReducers,
  configureStore,
  type Middleware,
  type UnknownAction,
} from '@reduxjs/toolkit';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Provider } from 'react-redux';

import type { Capture, CaptureState, SourceState } from '../../media/capture_state';
import { LevelRegistry } from '../../session/levels';
import type { Services } from '../../session/services';
import type { PeerStatistics } from '../../session/statistics';
import { LOCAL, StreamRegistry } from '../../session/streams';
import { ViewRegistry } from '../../session/views';
import type { Room, RoomSummary } from '../../signaling/protocol';
import type { Participant, PeerConnectionState, RootState } from '../../store';
import { authReducer } from '../../store/slices/auth';
import { dashboardReducer } from '../../store/slices/dashboard';
import { invitationsReducer } from '../../store/slices/invitations';
import { messagesReducer } from '../../store/slices/messages';
import { participantsReducer } from '../../store/slices/participants';
import { reactionsReducer } from '../../store/slices/reactions';
import { roomReducer } from '../../store/slices/room';
import { rtcConnectionReducer } from '../../store/slices/rtc_connection';
import { stageReducer } from '../../store/slices/stage';
import { ServicesContext } from '../hooks/use_services';

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

export type Parts = { [K in keyof RootState]?: Partial<RootState[K]> };

/** The state at the start, connected to the server, with some parts replaced. */
export function stateWith(parts: Parts = {}): RootState {
  const initial = rootReducer(undefined, { type: 'start' });
  const { rtcConnection } = initial;
  const connected: RootState = {
    ...initial,
    rtcConnection: {
      ...rtcConnection,
      signaling: { ...rtcConnection.signaling, status: 'connected', memberId: 'me' },
    },
  };
  const merged = Object.entries(parts).map(([name, part]) => [
    name,
    { ...connected[name as keyof RootState], ...part },
  ]);
  return { ...connected, ...Object.fromEntries(merged) } as RootState;
}

export const LIVE: SourceState = { status: 'live', problem: null, deviceId: 'one' };
export const OFF: SourceState = { status: 'off', problem: null, deviceId: null };

export function captureState(parts: Partial<CaptureState> = {}): CaptureState {
  return {
    microphone: LIVE,
    camera: LIVE,
    screen: OFF,
    devices: {
      microphones: [{ id: 'one', label: 'Built-in microphone' }],
      cameras: [{ id: 'one', label: 'Front camera' }],
      speakers: [{ id: 'default', label: 'Headphones' }],
    },
    speakerId: null,
    canSelectSpeaker: true,
    canShareScreen: true,
    ...parts,
  };
}

/** Devices that do nothing but remember what they were asked. */
export class StillCapture implements Capture {
  readonly asked: string[] = [];
  readonly #state: CaptureState;

  constructor(state: CaptureState) {
    this.#state = state;
  }

  getState(): CaptureState {
    return this.#state;
  }

  subscribe(): () => void {
    return () => undefined;
  }

  acquire(wanted: readonly string[] = ['microphone', 'camera']): Promise<void> {
    this.asked.push(`acquire ${wanted.join(' ')}`);
    return Promise.resolve();
  }

  selectMicrophone(id: string): Promise<void> {
    this.asked.push(`microphone ${id}`);
    return Promise.resolve();
  }

  selectCamera(id: string): Promise<void> {
    this.asked.push(`camera ${id}`);
    return Promise.resolve();
  }

  selectSpeaker(id: string): void {
    this.asked.push(`speaker ${id}`);
  }
}

export interface World {
  readonly state: () => RootState;
  readonly dispatch: (action: UnknownAction) => void;
  readonly streams: StreamRegistry;
  readonly levels: LevelRegistry;
  readonly views: ViewRegistry;
  readonly capture: StillCapture;
  /** The types of all actions dispatched so far. */
  readonly actions: string[];
  readonly Page: (props: { readonly children: ReactNode }) => ReactNode;
}

interface WorldOptions {
  readonly parts?: Parts;
  readonly capture?: Partial<CaptureState>;
  /** What thunks find behind the store. */
  readonly backstage?: object;
}

export function createWorld({ parts, capture, backstage }: WorldOptions = {}): World {
  const actions: string[] = [];
  const record: Middleware = () => (next) => (action) => {
    actions.push((action as { type: string }).type);
    return next(action);
  };
  const store = configureStore({
    reducer: rootReducer,
    preloadedState: stateWith(parts),
    middleware: (defaults) =>
      defaults({
        thunk: { extraArgument: backstage ?? silentBackstage() },
        immutableCheck: false,
        serializableCheck: false,
      }).concat(record),
  });
  const streams = new StreamRegistry();
  const levels = new LevelRegistry(LOCAL);
  const still = new StillCapture(captureState(capture));
  const views = new ViewRegistry();
  const services: Services = { streams, levels, views, capture: still };
  const Page = ({ children }: { readonly children: ReactNode }) => (
    <Provider store={store}>
      <ServicesContext value={services}>{children}</ServicesContext>
    </Provider>
  );
  const dispatch = (action: UnknownAction) => void store.dispatch(action);
  return {
    state: () => store.getState(),
    dispatch,
    streams,
    levels,
    views,
    capture: still,
    actions,
    Page,
  };
}

/** A server that never answers, and a membership that forgets. */
function silentBackstage(): object {
  const nothing = () => undefined;
  const never = new Promise(nothing);
  const signaling = { request: () => never, send: nothing, connect: nothing, disconnect: nothing };
  const membership = { wish: null, want: nothing, wantNew: nothing, forget: nothing };
  return { signaling, membership, instance: 'page' };
}

/** Renders something into a world. */
export function show(content: ReactNode, options: WorldOptions = {}): World {
  const world = createWorld(options);
  render(<world.Page>{content}</world.Page>);
  return world;
}

export function participant(id: string, parts: Partial<Participant> = {}): Participant {
  return {
    id,
    userId: id,
    name: id,
    email: null,
    avatar: null,
    status: 'active',
    audioEnabled: true,
    videoEnabled: true,
    screenSharing: false,
    online: true,
    joinedAt: '2026-01-01T10:00:00Z',
    raisedAt: null,
    ...parts,
  };
}

export function statistics(parts: Partial<PeerStatistics> = {}): PeerStatistics {
  return {
    latency: 24,
    bandwidth: 1_200_000,
    bandwidthOut: 900_000,
    packetLoss: 0,
    packetLossOut: 0,
    received: { width: 1280, height: 720, framesPerSecond: 30 },
    sent: { width: 1280, height: 720, framesPerSecond: 30 },
    path: { local: 'host', remote: 'host', protocol: 'udp' },
    limitedBy: 'none',
    ...parts,
  };
}

export function connection(parts: Partial<PeerConnectionState> = {}): PeerConnectionState {
  return {
    status: 'connected',
    phase: 'active',
    wasConnected: true,
    stats: statistics(),
    error: null,
    ...parts,
  };
}

export function summary(id: string, parts: Partial<RoomSummary> = {}): RoomSummary {
  return {
    id,
    name: `Room ${id}`,
    participantCount: 2,
    maxParticipants: 0,
    capacity: 8,
    createdAt: new Date(Date.now() - 12 * 60_000).toISOString(),
    description: '',
    state: 'active',
    mode: 'mesh',
    hasPassword: false,
    ...parts,
  };
}

/** The state of a call with these others in it. */
export function inCall(others: readonly Participant[], parts: Partial<Room> = {}): Parts {
  const members = ['me', ...others.map(({ id }) => id)];
  const room: Room = {
    id: 'harbour',
    name: 'Harbour',
    createdAt: '2026-01-01T10:00:00Z',
    host: 'me',
    maxParticipants: 0,
    participants: members,
    metadata: { description: '', private: false, history: true },
    members: [],
    state: 'active',
    mode: 'mesh',
    generation: 1,
    reason: 'small-room',
    strained: false,
    prewarm: false,
    pins: [],
    unreachable: [],
    core: null,
    capacity: 8,
    hasPassword: false,
    ticket: '',
    reopened: false,
    ...parts,
  };
  return {
    room: { currentRoom: room, currentRoomId: room.id },
    participants: { list: [...others], localParticipant: participant('me', { name: 'Mika' }) },
    dashboard: { currentPage: 'room' },
    rtcConnection: {
      connections: Object.fromEntries(others.map(({ id }) => [id, connection()])),
      signaling: {
        ...stateWith().rtcConnection.signaling,
        serverVersion: '0.1.0',
      },
    },
  };
}
