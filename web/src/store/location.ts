/**
 * The address bar, which owns the page and the room one looks at.
 *
 *   /               dashboard
 *   /login          login
 *   /settings       settings
 *   /check          what stands between this browser and a call
 *   /r/<room id>    room: pre-join, or the call
 */

import { createAction } from '@reduxjs/toolkit';

import type { Page } from './state';

export interface Location {
  readonly page: Page;
  /** Only on the room's page. */
  readonly roomId: string | null;
}

/** The address has changed, by us or by the browser's buttons. */
export const locationChanged = createAction<Location>('location/changed');

/** What a path shows; anything unknown is the dashboard. */
export function parsePath(path: string): Location {
  const room = /^\/r\/([^/]+)\/?$/.exec(path)?.[1];
  if (room !== undefined) return { page: 'room', roomId: decode(room) };
  if (/^\/login\/?$/.test(path)) return { page: 'login', roomId: null };
  if (/^\/check\/?$/.test(path)) return { page: 'check', roomId: null };
  if (/^\/settings\/?$/.test(path)) return { page: 'settings', roomId: null };
  return { page: 'dashboard', roomId: null };
}

export function pathOf(target: { page: Page; roomId?: string | null }): string {
  if (target.page === 'room')
    return target.roomId ? `/r/${encodeURIComponent(target.roomId)}` : '/';
  return target.page === 'dashboard' ? '/' : `/${target.page}`;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
