/** Remembers the guest between visits, and keeps the browser's tabs in step. */

import type { Middleware } from '@reduxjs/toolkit';

import type { AppDispatch } from '../backstage';
import { login, logout, updateUserProfile } from '../slices/auth';
import type { RootState } from '../state';

const KEY = 'crossover:guest';

export interface AuthEnvironment {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Calls back when another tab has changed what is stored. */
  readonly onForeignChange: (listener: (key: string | null) => void) => void;
}

export function createAuthMiddleware(environment: AuthEnvironment): Middleware<object, RootState> {
  return ({ dispatch, getState }: { dispatch: AppDispatch; getState: () => RootState }) => {
    environment.onForeignChange((key) => {
      if (key === KEY || key === null) adopt(environment, dispatch, getState());
    });
    return (next) => (action) => {
      const result = next(action);
      if (login.match(action) || updateUserProfile.match(action) || logout.match(action)) {
        remember(environment, getState());
      }
      return result;
    };
  };
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
