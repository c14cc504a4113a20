/** Whether the person is at the machine, as the others are told. */

import type { Availability } from '../session/presence';
import type { StoreApi } from './backstage';
import { updateUserProfile } from './slices/auth';

const IDLE_MS = 5 * 60_000;
const SIGNS_OF_LIFE = ['pointermove', 'pointerdown', 'keydown', 'scroll'] as const;

export function followAvailability({ dispatch, getState }: StoreApi): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const set = (status: Availability): void => {
    const { user } = getState().auth;
    if (user && user.status !== status) dispatch(updateUserProfile({ status }));
  };
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => set('idle'), IDLE_MS);
    set(document.visibilityState === 'visible' ? 'active' : 'away');
  };
  for (const sign of SIGNS_OF_LIFE) window.addEventListener(sign, alive, { passive: true });
  document.addEventListener('visibilitychange', alive);
  alive();
}
