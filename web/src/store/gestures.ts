/** What one says without words. */

import { createAction } from '@reduxjs/toolkit';

import type { AppThunk } from './backstage';
import type { Reaction } from './call/reactions';
import { setOwnHand } from './slices/participants';

/** A reaction of ours, about to be seen by everybody. */
export const react = createAction<Reaction>('gestures/react');

/** Raises one's hand, or takes it down. */
export function toggleHand(): AppThunk {
  return (dispatch, getState) => {
    const { localParticipant: local } = getState().participants;
    if (local) dispatch(setOwnHand(local.raisedAt === null ? Date.now() : null));
  };
}
