/** Taking up an invitation: out of the address bar, which people copy, into this tab's memory. */

import { createAction } from '@reduxjs/toolkit';

import type { AppThunk } from './backstage';
import { readInvitation, tokenIn, type Invitation } from './invitation';

/** A link with a token was opened; null: there is none. */
export const invited = createAction<Invitation | null>('auth/invited');

/** The parts of `window` that hold an address. */
export interface AddressBar {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState' | 'state'>;
}

/** Takes the token out of the address bar, if one is there; whether it was. */
export function takeInvitation({ location, history }: AddressBar): AppThunk<boolean> {
  return (dispatch) => {
    const token = tokenIn(location.hash);
    if (token === null) return false;
    history.replaceState(history.state, '', location.pathname + location.search);
    dispatch(invited(readInvitation(token)));
    return true;
  };
}
