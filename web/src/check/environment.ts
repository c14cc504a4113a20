/** What a connection check works with in a real browser. */

import { createDevice } from '../sfu/device';
import { webSocketAddress } from '../signaling/address';
import { SignalingClient } from '../signaling/client';
import { Identity } from '../signaling/identity';
import type { CheckEnvironment } from './connection_check';
import { createNoise } from './noise';

/** `token`: lets us create a room, where that takes one. */
export function browserEnvironment(token: () => string | null): CheckEnvironment {
  return {
    createSignaling: () =>
      new SignalingClient({
        // Somebody new, whom no other tab nor a later reload knows.
        identity: new Identity({ storage: forgetful, locks: undefined }),
        random: Math.random,
        createSocket: () =>
          new WebSocket(webSocketAddress(window.__WEBSOCKET_URL__, window.location.href)),
      }),
    createDevice,
    createConnection: (configuration) => new RTCPeerConnection(configuration),
    createNoise,
    devices: {
      // Missing on insecure origins, whatever its type says.
      devices: (navigator as Partial<Navigator>).mediaDevices,
      permissions: (navigator as Partial<Navigator>).permissions,
    },
    token,
    now: () => performance.now(),
    wait: async (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    nonce: () => `check-${Math.random().toString(36).slice(2, 12)}`,
  };
}

const forgetful: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> = {
  getItem: () => null,
  setItem: () => undefined,
  removeItem: () => undefined,
};
