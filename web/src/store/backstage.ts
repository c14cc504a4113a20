/** What thunks and middleware work with behind the store: the server, the call, the devices. */

import { createAsyncThunk } from '@reduxjs/toolkit';
import type { ThunkDispatch, UnknownAction } from '@reduxjs/toolkit';

import type { CaptureDevices } from '../media/capture';
import type { LevelRegistry } from '../session/levels';
import type { StreamRegistry } from '../session/streams';
import type { ViewRegistry } from '../session/views';
import { RequestError, type SignalingPort } from '../signaling/port';
import type { CallData } from './call/data';
import type { CallFactory } from './call/port';
import type { Membership } from './membership';
import type { Failure, RootState } from './state';

export interface Backstage {
  readonly signaling: SignalingPort;
  readonly membership: Membership;
  readonly capture: CaptureDevices;
  readonly streams: StreamRegistry;
  readonly levels: LevelRegistry;
  readonly views: ViewRegistry;
  readonly createCall: CallFactory;
  /** What is said over the call, if there is one. */
  readonly data: CallData;
  /** This load of the page. */
  readonly instance: string;
}

export type AppDispatch = ThunkDispatch<RootState, Backstage, UnknownAction>;
export type AppThunk<R = void> = (
  dispatch: AppDispatch,
  getState: () => RootState,
  backstage: Backstage,
) => R;

/** What works on the store from beside it. */
export interface StoreApi {
  readonly dispatch: AppDispatch;
  readonly getState: () => RootState;
}

export const createAppThunk = createAsyncThunk.withTypes<{
  state: RootState;
  dispatch: AppDispatch;
  extra: Backstage;
  rejectValue: Failure;
}>();

/** What the page says about a request that failed. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RequestError) return { code: error.code, message: error.message };
  return { code: 'offline', message: error instanceof Error ? error.message : '' };
}
