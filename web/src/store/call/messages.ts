/** Which of the server's messages are the call's. */

import type { MediaNotice, OutgoingSignal } from '../../session/media_session';
import type { ServerMessage } from '../../signaling/protocol';

export type Signal = Extract<ServerMessage, { type: OutgoingSignal['type'] }>;

const SIGNALS: ReadonlySet<string> = new Set([
  'offer',
  'answer',
  'ice-candidate',
] satisfies OutgoingSignal['type'][]);

export function isSignal(message: ServerMessage): message is Signal {
  return SIGNALS.has(message.type);
}

const NOTICES: ReadonlySet<string> = new Set([
  'producer-added',
  'producer-changed',
  'producer-removed',
  'data-producer-added',
  'data-producer-removed',
  'data-consumer-removed',
  'layers-changed',
  'active-speakers',
  'layers-wanted',
  'transport-closed',
  'router-moved',
  'router-lost',
] satisfies MediaNotice['type'][]);

export function isMediaNotice(message: ServerMessage): message is MediaNotice {
  return NOTICES.has(message.type);
}
