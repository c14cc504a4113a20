/** The library that speaks ORTC. It is large: nothing may import this but to load it when needed. */

import { detectDevice, Device, type types } from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';

import { remembering } from './browser_abilities';

/** For the browsers that can show this page. */
const HANDLERS: Readonly<
  Record<string, { createFactory: (options: object) => types.HandlerFactory }>
> = {
  Chrome111,
  Firefox120,
  Safari12,
};

const own = HANDLERS[detectDevice() ?? '']?.createFactory({});
const handlerFactory = own && remembering(own);

export async function makeDevice(): Promise<Device> {
  return Device.factory(handlerFactory && { handlerFactory });
}

/** Finds out now what has to be known of the browser before its first call. */
export async function rehearse(): Promise<void> {
  await handlerFactory?.getNativeRtpCapabilities({ direction: 'recvonly' });
  await handlerFactory?.getNativeRtpCapabilities({ direction: 'sendonly' });
}
