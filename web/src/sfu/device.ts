/** The library that speaks ORTC, loaded when the first call through a server needs it. */

import type { types } from 'mediasoup-client';

export type DeviceFactory = () => Promise<types.Device>;

export async function createDevice(): Promise<types.Device> {
  const { Device } = await import('mediasoup-client');
  return Device.factory();
}
