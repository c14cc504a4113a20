/** Where the WebSocket is. */

declare global {
  interface Window {
    /** Set by the served `/config.js`; empty or absent: where the page came from. */
    __WEBSOCKET_URL__?: string;
  }
}

export function webSocketAddress(configured: string | undefined, page: string): string {
  const address = new URL(configured?.trim() || '/ws', page);
  if (address.protocol === 'http:') address.protocol = 'ws:';
  if (address.protocol === 'https:') address.protocol = 'wss:';
  return address.href;
}
