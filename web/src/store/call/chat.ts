/**
 * The fast way of the chat, on the topic `chat`: what is said is shown before the server has given
 * it its place. What the server says of it later is the same message, see `chat_merge`.
 */

import type { DataMessage, Json } from '../../session/data/channels';
import type { CallData } from './data';
import { isRecord, readText } from './reading';

const TOPIC = 'chat';
const MAX_TEXT = 4_000;
const MAX_NONCE = 64;
const MAX_TIME = 40;

export interface ChatWord {
  readonly nonce: string;
  readonly text: string;
  /** ISO 8601. */
  readonly sentAt: string;
}

export class ChatTopic {
  readonly #data: CallData;

  constructor(data: CallData, hear: (from: string, word: ChatWord) => void) {
    this.#data = data;
    data.subscribe(TOPIC, ({ from, payload, direct }: DataMessage) => {
      const word = readChat(payload);
      // The chat is everybody's: a word for us alone would look as if all had read it.
      if (word && !direct) hear(from, word);
    });
  }

  say({ nonce, text, sentAt }: ChatWord): void {
    try {
      this.#data.publish(TOPIC, { nonce, text, sentAt });
    } catch {
      // Too long for this way, or no call: the server's way is the one that counts.
    }
  }
}

export function readChat(payload: Json): ChatWord | null {
  if (!isRecord(payload)) return null;
  const nonce = readText(payload['nonce'], MAX_NONCE);
  const text = readText(payload['text'], MAX_TEXT);
  const sentAt = readText(payload['sentAt'], MAX_TIME);
  if (!nonce || !text?.trim() || sentAt === null || Number.isNaN(Date.parse(sentAt))) return null;
  return { nonce, text, sentAt };
}
