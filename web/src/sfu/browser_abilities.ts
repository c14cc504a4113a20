/**
 * What a browser can send and receive: to find out takes a connection each time, and the answer is
 * always the same.
 */

import type { types } from 'mediasoup-client';

/** The same, asking no question twice that was answered. */
export function remembering(handler: types.HandlerFactory): types.HandlerFactory {
  const known = new Map<string, Promise<types.RtpCapabilities>>();
  return {
    ...handler,
    getNativeRtpCapabilities: (options) => {
      const { direction } = options;
      const asked = known.get(direction) ?? handler.getNativeRtpCapabilities(options);
      known.set(direction, asked);
      asked.catch(() => known.delete(direction));
      return asked;
    },
  };
}
