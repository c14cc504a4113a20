/** Which of a link's states its facts add up to. */

import type { PeerPhase } from '../session/peer_phase';

export interface LinkFacts {
  readonly isClosing: boolean;
  /** Several attempts have failed, or nobody has ever answered. */
  readonly isGivenUp: boolean;
  /** A negotiation is under way. */
  readonly isNegotiating: boolean;
  /** Both descriptions are in force: the rest is up to ICE. */
  readonly isDescribed: boolean;
  readonly isConnected: boolean;
  readonly isChannelOpen: boolean;
  /** They have said something on the channel, or their media flows. */
  readonly isHeard: boolean;
  readonly wasConnected: boolean;
}

export function phaseOf(facts: LinkFacts): PeerPhase {
  if (facts.isClosing) return 'disconnecting';
  if (facts.isConnected) return connectedPhase(facts);
  if (facts.isGivenUp) return facts.wasConnected || facts.isDescribed ? 'failed' : 'disconnected';
  if (facts.wasConnected) return 'reconnecting';
  if (facts.isNegotiating) return 'negotiating';
  return facts.isDescribed ? 'gathering' : 'connecting';
}

function connectedPhase({ isHeard, isChannelOpen }: LinkFacts): PeerPhase {
  if (isHeard) return 'active';
  return isChannelOpen ? 'channel-open' : 'connected';
}
