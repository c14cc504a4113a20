/**
 * Candidates that came before the description they belong to.
 *
 * A candidate names the ICE user fragment of its description. It waits until a description with
 * that fragment is in force; one that belongs to an ignored offer, or to a connection that is
 * gone, waits in vain and is pushed out by newer ones.
 */

import { fragmentsOf } from './description';

const KEPT = 64;
const MAX_TEXT = 2_000;

export class CandidateQueue {
  #waiting: RTCIceCandidateInit[] = [];
  #fragments: ReadonlySet<string> = new Set();

  /** A candidate; returned if it can be used now. */
  take(candidate: RTCIceCandidateInit): RTCIceCandidateInit | null {
    if (this.#isCurrent(candidate)) return candidate;
    this.#waiting.push(candidate);
    if (this.#waiting.length > KEPT) this.#waiting.shift();
    return null;
  }

  /** A description of theirs is in force; returns the candidates that waited for it. */
  describe(sdp: string): RTCIceCandidateInit[] {
    this.#fragments = fragmentsOf(sdp);
    const ready = this.#waiting.filter((candidate) => this.#isCurrent(candidate));
    this.#waiting = this.#waiting.filter((candidate) => !ready.includes(candidate));
    return ready;
  }

  /** The connection was replaced: none of their descriptions is in force any more. */
  reset(): void {
    this.#fragments = new Set();
  }

  #isCurrent({ usernameFragment }: RTCIceCandidateInit): boolean {
    if (!this.#fragments.size) return false;
    // Some clients leave the fragment out; whatever is in force is what they mean.
    return !usernameFragment || this.#fragments.has(usernameFragment);
  }
}

/** A candidate as another member sent it; null: it is none, or marks the end of them. */
export function readCandidate(payload: unknown): RTCIceCandidateInit | null {
  if (typeof payload !== 'object' || payload === null) return null;
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = payload as Record<string, unknown>;
  if (typeof candidate !== 'string' || !candidate || candidate.length > MAX_TEXT) return null;
  const place = { sdpMid: text(sdpMid), sdpMLineIndex: number(sdpMLineIndex) };
  if (place.sdpMid === null && place.sdpMLineIndex === null) return null;
  return { candidate, ...place, usernameFragment: text(usernameFragment) };
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
