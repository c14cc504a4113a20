/**
 * Remembers the guest between visits, and keeps the browser's tabs in step; remembers the invitation
 * for this tab, across a reload.
 */

import type { Middleware } from '@reduxjs/toolkit';

import type { AppDispatch } from '../backstage';
import { readInvitation } from '../invitation';
import { invited } from '../invitation_actions';
import { selectGrants } from '../invited';
import { login, logout, updateUserProfile } from '../slices/auth';
import { toggleAudio, toggleScreenShare, toggleVideo } from '../slices/rtc_connection';
import type { RootState } from '../state';

const KEY = 'crossover:guest';
const TOKEN_KEY = 'crossover:token';

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export interface AuthEnvironment {
  readonly storage: Store;
  /** This tab's own. */
  readonly session: Store;
  /** Calls back when another tab has changed what is stored. */
  readonly onForeignChange: (listener: (key: string | null) => void) => void;
}

export function createAuthMiddleware(environment: AuthEnvironment): Middleware<object, RootState> {
  return ({ dispatch, getState }: { dispatch: AppDispatch; getState: () => RootState }) => {
    environment.onForeignChange((key) => {
      if (key === KEY || key === null) adopt(environment, dispatch, getState());
    });
    return (next) => (action) => {
      // Switches that switch nothing on, whoever presses them: a key, a menu, a button.
      if (isSwitch(action) && !selectGrants(getState()).publish) return action;
      const result = next(action);
      if (invited.match(action)) keep(environment.session, getState().auth.token);
      if (login.match(action) || updateUserProfile.match(action) || logout.match(action)) {
        remember(environment, getState());
      }
      return result;
    };
  };
}

function isSwitch(action: unknown): boolean {
  return [toggleAudio, toggleVideo, toggleScreenShare].some((one) => one.match(action));
}

/** Takes up the invitation that this tab was opened with before it was reloaded. */
export function restoreInvitation({ session }: AuthEnvironment, dispatch: AppDispatch): void {
  try {
    const token = session.getItem(TOKEN_KEY);
    if (token !== null) dispatch(invited(readInvitation(token)));
  } catch {
    // A browser that stores nothing needs the link again.
  }
}

function keep(session: Store, token: string | null): void {
  try {
    if (token === null) session.removeItem(TOKEN_KEY);
    else session.setItem(TOKEN_KEY, token);
  } catch {
    // As above.
  }
}

/** Takes up the guest of the last visit. */
export function restoreGuest(environment: AuthEnvironment, dispatch: AppDispatch): void {
  const guest = read(environment);
  if (guest) dispatch(login(guest));
}

interface Guest {
  readonly id: string;
  readonly name: string;
}

/** Another tab logged out, or somebody in: so are we. Our own call keeps the name it began with. */
function adopt(environment: AuthEnvironment, dispatch: AppDispatch, { auth }: RootState): void {
  const guest = read(environment);
  if (!guest) {
    if (auth.isAuthenticated) dispatch(logout());
  } else if (guest.name !== auth.user?.name || guest.id !== auth.user.id) {
    dispatch(login(guest));
  }
}

function remember({ storage }: AuthEnvironment, { auth }: RootState): void {
  try {
    const known = auth.user && JSON.stringify({ id: auth.user.id, name: auth.user.name });
    if (known === storage.getItem(KEY)) return;
    if (known === null) storage.removeItem(KEY);
    else storage.setItem(KEY, known);
  } catch {
    // A browser that stores nothing asks for the name every time.
  }
}

function read({ storage }: AuthEnvironment): Guest | null {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? 'null');
    if (typeof value !== 'object' || value === null) return null;
    const { id, name } = value as Record<string, unknown>;
    return typeof id === 'string' && typeof name === 'string' ? { id, name } : null;
  } catch {
    return null;
  }
}
