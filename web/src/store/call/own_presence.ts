/** How things stand with us: not what is wished, but what the others get. */

import type { LocalTracks, Published } from '../../session/media_session';
import type { RootState } from '../state';
import type { Presence } from './presence';

export function ownPresence(state: RootState, tracks: LocalTracks): Presence {
  const { participants, auth } = state;
  return {
    name: participants.localParticipant?.name ?? '',
    status: auth.user?.status ?? 'active',
    hand: participants.localParticipant?.raisedAt ?? null,
    ...ownMedia(state, tracks),
  };
}

/** Where only the latest speakers are connected, it is by voice. */
function ownMedia({ room, rtcConnection }: RootState, tracks: LocalTracks): Published {
  const core = room.currentRoom?.core ?? null;
  const isSeen = core === null;
  const isHeard = isSeen || core.includes(rtcConnection.signaling.memberId ?? '');
  return {
    audio: isHeard && rtcConnection.audioEnabled && tracks.microphone !== null,
    video: isSeen && tracks.camera !== null,
    screen: isSeen && tracks.screen !== null,
  };
}
