/** Session descriptions: what they say of their origin, and how they travel. */

import type { Answer, Offer } from './negotiation';

/** Descriptions and candidates beyond this are not from anything that wants a call. */
const MAX_SDP = 200_000;

interface Extras {
  /** When the sender's connection was made. */
  readonly since?: number;
  /** The offer that an answer answers. */
  readonly answers?: string;
}

/**
 * What travels: an `RTCSessionDescriptionInit` that any client understands, with what ours say
 * beside it. Browsers ignore members they do not know.
 */
export type DescriptionPayload = RTCSessionDescriptionInit & Extras;

export function offerPayload({ sdp, since }: Offer): DescriptionPayload {
  return { type: 'offer', sdp, ...(since === null ? {} : { since }) };
}

export function answerPayload({ sdp, since, to }: Answer): DescriptionPayload {
  return {
    type: 'answer',
    sdp,
    ...(since === null ? {} : { since }),
    ...(to === null ? {} : { answers: to }),
  };
}

export function readOffer(payload: unknown): Offer | null {
  const read = readDescription(payload);
  return read && { ...read.origin, id: identify(read.origin.sdp) };
}

export function readAnswer(payload: unknown): Answer | null {
  const read = readDescription(payload);
  return read && { ...read.origin, to: read.answers };
}

function readDescription(payload: unknown) {
  if (typeof payload !== 'object' || payload === null) return null;
  const { sdp, since, answers } = payload as Record<string, unknown>;
  if (typeof sdp !== 'string' || sdp.length > MAX_SDP || !sdp.startsWith('v=0')) return null;
  const made = typeof since === 'number' && Number.isFinite(since) ? since : null;
  return {
    origin: { ...originOf(sdp), since: made, sdp },
    answers: typeof answers === 'string' ? answers : null,
  };
}

/**
 * Which connection made a description, and its how-manieth it is.
 *
 * A connection keeps its DTLS certificate for life (RFC 8842 §4), browsers make one for each;
 * where no fingerprint is given the origin's session id serves. The version comes from the
 * origin, which grows with every description (RFC 3264 §8).
 */
export function originOf(sdp: string): { session: string; version: number } {
  const origin = /^o=\S+ (\S+) (\d+) /m.exec(sdp);
  const fingerprint = /^a=fingerprint:(.+?)\s*$/m.exec(sdp)?.[1];
  return {
    session: (fingerprint ?? origin?.[1] ?? '').toLowerCase(),
    version: Number(origin?.[2] ?? 0),
  };
}

/** The ICE user name fragments a description announces. */
export function fragmentsOf(sdp: string): ReadonlySet<string> {
  return new Set([...sdp.matchAll(/^a=ice-ufrag:(\S+)/gm)].map((found) => found[1] ?? ''));
}

/**
 * A fingerprint of a description, the same for every copy of it: candidates gathered meanwhile
 * (and the addresses that browsers write into `m=`, `c=` and `a=rtcp:` then) do not count.
 */
export function identify(sdp: string): string {
  const lasting = sdp
    .split(/\r?\n/)
    .filter((line) => !/^(a=(candidate|end-of-candidates|rtcp:)|c=)/.test(line))
    .map((line) => line.replace(/^(m=\w+) \d+/, '$1'));
  return hash(lasting.join('\n'));
}

/** FNV-1a, twice with different starts: 64 bits against chance, not against malice. */
function hash(text: string): string {
  return [0x811c9dc5, 0x9747b28c].map((start) => fnv(text, start)).join('');
}

function fnv(text: string, start: number): string {
  let value = start;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
