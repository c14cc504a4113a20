/**
 * The life of a link, as its engine sees it, and the four states the store shows of it.
 *
 *   disconnected → connecting → negotiating → gathering → connected → channel-open → active
 *                                   ▲                                     │
 *                                   └──────────── reconnecting ◄──────────┤
 *                  disconnected ◄── disconnecting ◄───────────────────────┘
 *
 * `failed` is what a link shows that has been tried several times; it is still tried, slowly.
 */
export type PeerPhase =
  | 'disconnected'
  | 'connecting'
  | 'negotiating'
  | 'gathering'
  | 'connected'
  | 'channel-open'
  | 'active'
  | 'reconnecting'
  | 'disconnecting'
  | 'failed';

export type ConnectionStatus = 'connecting' | 'connected' | 'disconnected' | 'failed';

const STATUS: Record<PeerPhase, ConnectionStatus> = {
  disconnected: 'disconnected',
  connecting: 'connecting',
  negotiating: 'connecting',
  gathering: 'connecting',
  connected: 'connected',
  'channel-open': 'connected',
  active: 'connected',
  reconnecting: 'connecting',
  disconnecting: 'disconnected',
  failed: 'failed',
};

export function statusOf(phase: PeerPhase): ConnectionStatus {
  return STATUS[phase];
}
