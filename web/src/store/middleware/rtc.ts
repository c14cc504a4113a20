/**
 * The call behind the store: actions about rooms, people and switches reach the engine and the
 * devices, and what these do comes back as actions.
 */

import type { Middleware } from '@reduxjs/toolkit';

import type { Backstage, StoreApi } from '../backstage';
import { Call } from '../call/call';
import { reconnectPeers } from '../connection_actions';
import { LocalMedia } from '../local_media';
import { react } from '../gestures';
import { invited } from '../invitation_actions';
import { selectGrants } from '../invited';
import { locationChanged } from '../location';
import { messageSent } from '../message_actions';
import { roomLeft } from '../room_actions';
import { memberReachable, roomEntered } from '../room_events';
import { updateUserProfile } from '../slices/auth';
import { setOwnHand } from '../slices/participants';
import { granted, handOverBegan, memberEntered, memberGone, modeChanged } from '../slices/room';
import { setMedia, toggleAudio, toggleScreenShare, toggleVideo } from '../slices/rtc_connection';
import type { RootState } from '../state';

export function createRtcMiddleware(backstage: Backstage): Middleware<object, RootState> {
  return (api: StoreApi) => {
    const call = new Call(backstage, api);
    const local = new LocalMedia(backstage, call, api);
    return (next) => (action) => {
      const result = next(action);
      driveCall(action, call);
      driveDevices(action, local, api);
      return result;
    };
  };
}

function driveCall(action: unknown, call: Call): void {
  if (roomEntered.match(action)) call.enter(action.payload.room, action.payload.partial);
  else if (roomLeft.match(action)) call.leave();
  else if (modeChanged.match(action)) call.followCourse();
  else if (handOverBegan.match(action)) call.prepare(action.payload);
  else if (messageSent.match(action)) call.sendChat(action.payload);
  else if (react.match(action)) call.react(action.payload);
  else if (changesPresence(action)) call.announce();
  else drivePeople(action, call);
}

function drivePeople(action: unknown, call: Call): void {
  if (memberEntered.match(action)) call.addMember(action.payload);
  else if (memberGone.match(action)) call.removeMember(action.payload);
  else if (memberReachable.match(action)) call.memberReachable(action.payload);
  else if (reconnectPeers.match(action)) call.reconnect(action.payload);
}

function changesPresence(action: unknown): boolean {
  return [setMedia, setOwnHand, toggleAudio, updateUserProfile].some((one) => one.match(action));
}

function decidesGrants(action: unknown): boolean {
  return [invited, granted, locationChanged].some((one) => one.match(action));
}

function driveDevices(action: unknown, local: LocalMedia, { getState }: StoreApi): void {
  if (decidesGrants(action) && !selectGrants(getState()).publish) local.listenOnly();
  const { audioEnabled, videoEnabled, screenSharing } = getState().rtcConnection;
  if (toggleAudio.match(action)) local.want('microphone', audioEnabled);
  else if (toggleVideo.match(action)) local.want('camera', videoEnabled);
  else if (toggleScreenShare.match(action)) local.shareScreen(screenSharing);
  else if (roomEntered.match(action)) local.enter();
  else if (roomLeft.match(action)) local.leave();
  else if (locationChanged.match(action) && action.payload.page === 'dashboard') local.leave();
}
