/**
 * What members say to each other on a data channel, directly or through a server, as JSON text.
 *
 * Frames come from other people's machines: whatever is too long, malformed or unknown is
 * dropped without a word.
 */

import type { ChatFrame } from './media_session';
import type { Availability, OwnPresence } from './presence';

const MAX_FRAME = 16_384;
const MAX_NAME = 64;
const MAX_NONCE = 64;
const MAX_TEXT = 4_000;
const MAX_TIME = 40;

export type ChannelFrame =
  ({ readonly type: 'presence' } & OwnPresence) | ({ readonly type: 'chat' } & ChatFrame);

export function writeFrame(frame: ChannelFrame): string {
  return JSON.stringify(frame);
}

export function readFrame(data: unknown): ChannelFrame | null {
  if (typeof data !== 'string' || data.length > MAX_FRAME) return null;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return null;
    const frame = value as Record<string, unknown>;
    if (frame['type'] === 'presence') return readPresence(frame);
    return frame['type'] === 'chat' ? readChat(frame) : null;
  } catch {
    return null;
  }
}

function readPresence(frame: Record<string, unknown>): ChannelFrame {
  return {
    type: 'presence',
    name: text(frame['name'], MAX_NAME) ?? '',
    status: availability(frame['status']),
    audio: frame['audio'] === true,
    video: frame['video'] === true,
    screen: frame['screen'] === true,
  };
}

function readChat(frame: Record<string, unknown>): ChannelFrame | null {
  const nonce = text(frame['nonce'], MAX_NONCE);
  const said = text(frame['text'], MAX_TEXT);
  const sentAt = text(frame['sentAt'], MAX_TIME);
  if (!nonce || !said?.trim() || sentAt === null || Number.isNaN(Date.parse(sentAt))) return null;
  return { type: 'chat', nonce, text: said, sentAt };
}

function text(value: unknown, longest: number): string | null {
  return typeof value === 'string' && value.length <= longest ? value : null;
}

function availability(value: unknown): Availability {
  return value === 'idle' || value === 'away' ? value : 'active';
}
