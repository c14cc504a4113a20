/**
 * One list out of two roads: a message comes over the data channel, over the server, or both.
 *
 * Messages are the same when sender and nonce are, or (without nonce) the server's id and time. The server's copy has
 * the message's place; what has none yet is shown at the end. The result does not depend on the
 * order or number of copies.
 */

import type { ChatEntry } from './state';

export interface ChatUpdate {
  readonly roomId: string;
  readonly from: string;
  readonly name: string;
  readonly text: string;
  readonly sentAt: string;
  readonly nonce: string | null;
  readonly messageId: string | null;
  readonly order: number | null;
  readonly own: boolean;
}

export function mergeChat(
  entries: readonly ChatEntry[],
  update: ChatUpdate,
  epoch: number,
): ChatEntry[] {
  const index = entries.findIndex((entry) => isSame(entry, update));
  const known = entries[index];
  if (!known) return [...entries, toEntry(update, epoch)].sort(byPlace);
  // The server's copy is the truth; a direct copy adds nothing to what is known.
  if (update.order === null || known.order !== null) return [...entries];
  const completed = { ...toEntry(update, epoch), key: known.key };
  return entries.with(index, completed).sort(byPlace);
}

function isSame(entry: ChatEntry, update: ChatUpdate): boolean {
  if (entry.from !== update.from) return false;
  if (entry.nonce !== null || update.nonce !== null) return entry.nonce === update.nonce;
  // A restarted server counts its ids from one again, but time went on.
  return entry.messageId === update.messageId && entry.sentAt === update.sentAt;
}

function toEntry(update: ChatUpdate, epoch: number): ChatEntry {
  return {
    ...update,
    key:
      update.nonce === null
        ? `${update.messageId ?? ''} ${update.sentAt}`
        : `${update.from}:${update.nonce}`,
    epoch,
    status: update.order === null ? 'pending' : 'delivered',
  };
}

function byPlace(a: ChatEntry, b: ChatEntry): number {
  if (a.order !== null && b.order !== null) return a.epoch - b.epoch || a.order - b.order;
  if (a.order === null && b.order === null) {
    return compare(a.sentAt, b.sentAt) || compare(a.key, b.key);
  }
  return a.order === null ? 1 : -1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
