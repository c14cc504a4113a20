/** Reading what came from other people's machines: of the right kind and size, or not at all. */

import type { Json } from '../../session/data/channels';

export type JsonRecord = { readonly [key: string]: Json };

export function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text of at most `longest` UTF-16 units; null for anything else. */
export function readText(value: Json | undefined, longest: number): string | null {
  return typeof value === 'string' && value.length <= longest ? value : null;
}

/** A count, or a time in milliseconds; null for anything else. */
export function readCount(value: Json | undefined): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
