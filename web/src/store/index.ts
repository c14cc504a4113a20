/** The store's public face: what components import. */

export type { AppDispatch, AppThunk } from './backstage';
export type { ApiRoom, CrossoverApi } from './api';
export { exposeApi } from './api';
export * from './connection_actions';
export { pinMode } from './course_actions';
export { REACTIONS, type Reaction } from './call/reactions';
export { react, toggleHand } from './gestures';
export { fetchMessages, retryMessage, sendMessage } from './message_actions';
export { navigateTo, type Destination } from './navigation';
export { pathOf } from './location';
export { createRoom, fetchRoomInfo, fetchRooms, joinRoom, leaveRoom } from './room_actions';
export type { JoinWish, RoomWish } from './room_actions';
export {
  selectGivenName,
  selectGrants,
  selectIsInvited,
  selectOpensRoom,
  selectRoomToken,
} from './invited';
export * from './selectors';
export { login, logout, updateUserProfile } from './slices/auth';
export { addNotification, dismissNotification, setTheme, toggleSidebar } from './slices/dashboard';
export { markAsRead, setChatOpen } from './slices/messages';
export { pinParticipant, pinScreen } from './slices/participants';
export { clearRoomError, setRoomFilter } from './slices/room';
export { toggleAudio, toggleScreenShare, toggleVideo } from './slices/rtc_connection';
export { setLayout } from './slices/stage';
export { startCrossover, type AppStore, type Crossover, type StartOptions } from './start';
export type * from './state';
