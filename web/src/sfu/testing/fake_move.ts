/** A planned move of the room to another process. */

import type { FakeSfu } from './fake_sfu';

/**
 * Whoever has entered is told, and both routers go on until `endBefore`. They share their maps here:
 * what is where does not matter to a client.
 */
export function moveRouter(sfu: FakeSfu): { readonly endBefore: () => void } {
  const { routerId } = sfu;
  const transports = [...sfu.transports.keys()];
  for (const id of transports) sfu.before.add(id);
  sfu.routerId = sfu.newId('router');
  sfu.tell(() => true, { type: 'router-moved', roomId: 'r1', routerId, seconds: 10 });
  return {
    endBefore: () => {
      sfu.tell(() => true, { type: 'router-lost', roomId: 'r1', routerId });
      for (const id of transports) sfu.closeTransport(id, null);
    },
  };
}
