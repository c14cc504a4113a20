/** The library that speaks ORTC, loaded when a call through a server needs it, or may soon. */

import type { types } from 'mediasoup-client';

export type DeviceFactory = () => Promise<types.Device>;

export async function createDevice(): Promise<types.Device> {
  const { makeDevice } = await import('./library');
  return makeDevice();
}

/** So that a call that is to go through a server need not wait for the library then. */
export function loadAhead(): void {
  import('./library').then(({ rehearse }) => rehearse()).catch(() => undefined);
}
