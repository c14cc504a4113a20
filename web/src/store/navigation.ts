/** Going somewhere: the address bar first, the store follows. */

import type { AppThunk } from './backstage';
import { locationChanged, parsePath, pathOf } from './location';
import type { Page } from './state';

export interface Destination {
  readonly page: Page;
  readonly roomId?: string | null;
  /** Leaves no trace in the browser's history. */
  readonly replace?: boolean;
}

export function navigateTo(destination: Destination): AppThunk {
  return (dispatch) => {
    const path = pathOf(destination);
    if (path !== window.location.pathname) {
      if (destination.replace) window.history.replaceState(null, '', path);
      else window.history.pushState(null, '', path);
    }
    dispatch(locationChanged(parsePath(path)));
  };
}
