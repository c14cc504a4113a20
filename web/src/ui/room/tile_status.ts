import type { ParticipantView } from '../../store';
import type { TileStatus } from './figures';

/** What a tile shows of its link. Media that never flowed is connecting, not reconnecting. */
export function tileStatus(
  participant: Pick<ParticipantView, 'isLocal' | 'connectionStatus' | 'interrupted' | 'isApart'>,
): TileStatus {
  if (participant.isLocal || participant.connectionStatus === 'connected') return 'connected';
  if (participant.isApart) return 'apart';
  if (participant.interrupted) return 'reconnecting';
  return participant.connectionStatus === 'failed' ? 'failed' : 'connecting';
}
