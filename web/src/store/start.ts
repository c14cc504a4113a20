/** Puts the page together below its components: browser, server connection, devices, store. */

import { nanoid } from '@reduxjs/toolkit';

import { CaptureDevices } from '../media/capture';
import type { PictureCap } from '../media/picture';
import type { DataChannels } from '../session/data/channels';
import { CallSession } from '../session/hand_over/call_session';
import { LevelRegistry } from '../session/levels';
import type { MediaSessionFactory } from '../session/media_session';
import type { Services } from '../session/services';
import { LOCAL, StreamRegistry } from '../session/streams';
import { ViewRegistry } from '../session/views';
import { webSocketAddress } from '../signaling/address';
import { SignalingClient } from '../signaling/client';
import { Identity } from '../signaling/identity';
import { fetchAhead } from './ahead';
import { followAvailability } from './availability';
import type { Backstage } from './backstage';
import { CallData } from './call/data';
import { locationChanged, parsePath } from './location';
import { Membership } from './membership';
import { takeInvitation } from './invitation_actions';
import { restoreGuest, restoreInvitation, type AuthEnvironment } from './middleware/auth';
import { joinRoom } from './room_actions';
import { roomReturning } from './slices/room';
import { createStore, type AppStore } from './store';

export type { AppStore } from './store';

export interface StartOptions {
  /** The engines for calls; `main.tsx` knows which there are. */
  readonly createSession: MediaSessionFactory;
  /** Fetches what calls through a server take. */
  readonly loadAhead: () => void;
  /** Captures no more than this; see `media/picture`. */
  readonly picture?: PictureCap | null;
}

export interface Crossover {
  readonly store: AppStore;
  readonly services: Services;
  /** What members tell each other; publishing takes a room one is in. */
  readonly data: DataChannels;
}

/** Starts everything; call it once per page. */
export function startCrossover(options: StartOptions): Crossover {
  const { createSession, loadAhead, picture = null } = options;
  const identity = new Identity({ storage: sessionStorage, locks: navigatorPart('locks') });
  const signaling = new SignalingClient({
    identity,
    random: Math.random,
    createSocket: () =>
      new WebSocket(webSocketAddress(window.__WEBSOCKET_URL__, window.location.href)),
  });
  const streams = new StreamRegistry();
  const levels = new LevelRegistry(LOCAL);
  const views = new ViewRegistry();
  const capture = new CaptureDevices({
    devices: navigatorPart('mediaDevices'),
    permissions: navigatorPart('permissions'),
    storage: localStorage,
    canSelectSpeaker: 'setSinkId' in HTMLMediaElement.prototype,
    picture,
  });
  const membership = new Membership(sessionStorage);
  const auth: AuthEnvironment = {
    storage: localStorage,
    session: sessionStorage,
    onForeignChange: (listener) => window.addEventListener('storage', ({ key }) => listener(key)),
  };
  const instance = nanoid();
  const backstage: Backstage = {
    signaling,
    membership,
    capture,
    streams,
    levels,
    views,
    createCall: (options) => new CallSession({ ...options, instance, createSession }),
    data: new CallData(),
    instance,
  };
  const store = createStore(backstage, auth);
  restoreGuest(auth, store.dispatch);
  restoreInvitation(auth, store.dispatch);
  followLocation(store);
  followAvailability(store);
  fetchAhead(store, loadAhead);
  followBrowser(signaling, identity);
  followPageVisibility(views);
  void begin({ identity, signaling, membership, store });
  return { store, services: { streams, levels, views, capture }, data: backstage.data };
}

/** Parts of the browser that are missing on insecure origins, whatever their types say. */
function navigatorPart<K extends 'locks' | 'mediaDevices' | 'permissions'>(
  name: K,
): Navigator[K] | undefined {
  return (navigator as Partial<Navigator>)[name];
}

function followLocation(store: AppStore): void {
  const read = () => {
    store.dispatch(takeInvitation(window));
    store.dispatch(locationChanged(parsePath(window.location.pathname)));
  };
  window.addEventListener('popstate', read);
  window.addEventListener('hashchange', read);
  read();
}

function followBrowser(signaling: SignalingClient, identity: Identity): void {
  window.addEventListener('online', () => signaling.verify());
  window.addEventListener('pagehide', () => identity.save());
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') signaling.wake();
  });
}

function followPageVisibility(views: ViewRegistry): void {
  const read = () => views.setPageVisible(document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', read);
  read();
}

interface Beginning {
  readonly identity: Identity;
  readonly signaling: SignalingClient;
  readonly membership: Membership;
  readonly store: AppStore;
}

/**
 * A reloaded tab goes back into its room; one that was sent elsewhere leaves it. A duplicated tab
 * carries the same memories and is somebody else: it stays at the door.
 */
async function begin({ identity, signaling, membership, store }: Beginning): Promise<void> {
  const remembered = membership.remembered();
  const returns = remembered?.roomId === store.getState().room.currentRoomId;
  if (remembered && returns) store.dispatch(roomReturning(true));
  const isSame = await identity.restore();
  signaling.connect();
  if (!remembered) return;
  const { roomId, name } = remembered;
  if (isSame && returns) {
    void store.dispatch(joinRoom({ roomId, name }));
    return;
  }
  store.dispatch(roomReturning(false));
  if (isSame) signaling.send({ type: 'leave-room', payload: { roomId } });
  membership.forget();
}
