/** A member whom two engines know is as connected as by the better of the two. */

import type { PeerPhase } from '../peer_phase';

/** From the worst to the best. */
const ORDER: readonly PeerPhase[] = [
  'disconnected',
  'disconnecting',
  'failed',
  'connecting',
  'negotiating',
  'gathering',
  'reconnecting',
  'connected',
  'channel-open',
  'active',
];

export function bestOf(phases: readonly PeerPhase[]): PeerPhase {
  const rank = Math.max(0, ...phases.map((phase) => ORDER.indexOf(phase)));
  return ORDER[rank] ?? 'disconnected';
}

export function isConnected(phase: PeerPhase): boolean {
  return ORDER.indexOf(phase) >= ORDER.indexOf('connected');
}
