/** What will be needed in a hurry is fetched before. */

import { selectHasSfu } from './selectors';
import type { AppStore } from './store';

/** A page that is always busy gets around to it after so long. */
const LATEST_MS = 2_000;

/**
 * At the door of a room, or in one, whose media may travel through the server at any moment:
 * fetches, once, what that takes. Returns how to stop.
 */
export function fetchAhead(store: AppStore, fetch: () => void): () => void {
  const stop = store.subscribe(() => {
    const state = store.getState();
    if (state.room.currentRoomId === null || !selectHasSfu(state)) return;
    stop();
    whenIdle(fetch);
  });
  return stop;
}

function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act, { timeout: LATEST_MS });
  else setTimeout(act, 0);
}
