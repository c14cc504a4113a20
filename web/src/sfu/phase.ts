/** Which of a link's states our way to a member, through the server, adds up to. */

import type { PeerPhase } from '../session/peer_phase';

/** What a stay in a router knows of the way to one member. */
export interface Way {
  /** Several attempts to reach the server have failed. */
  readonly isGivenUp: boolean;
  /** There is a transport to receive on. */
  readonly hasTransport: boolean;
  readonly isConnected: boolean;
  /** Something of theirs is on its way to us. */
  readonly isReceived: boolean;
  readonly isChannelOpen: boolean;
}

export interface WayFacts extends Way {
  /** The server has told us of its router. */
  readonly isEntered: boolean;
  /** They have said something, or their media flows. */
  readonly isHeard: boolean;
  readonly wasConnected: boolean;
}

/** As long as there is no router. */
export const NO_WAY: Way = {
  isGivenUp: false,
  hasTransport: false,
  isConnected: false,
  isReceived: false,
  isChannelOpen: false,
};

export function phaseOf(facts: WayFacts): PeerPhase {
  if (facts.isConnected && facts.isReceived) {
    if (facts.isHeard) return 'active';
    return facts.isChannelOpen ? 'channel-open' : 'connected';
  }
  if (facts.isGivenUp) return 'failed';
  if (facts.wasConnected) return 'reconnecting';
  if (!facts.isEntered) return 'connecting';
  if (!facts.hasTransport) return 'negotiating';
  // Connected to the server; the member is not, yet.
  return facts.isConnected ? 'connecting' : 'gathering';
}
