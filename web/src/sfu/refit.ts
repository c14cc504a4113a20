/** Gives what is being sent other encodings, on the fly. */

import type { types } from 'mediasoup-client';

import type { Encoding } from './encodings';

/** Both have as many encodings, and only sizes and rates differ: see `canBecome`. */
export async function refit(producer: types.Producer, { encodings }: Encoding): Promise<void> {
  const sender = producer.rtpSender;
  if (!sender) return;
  const parameters = sender.getParameters();
  for (const [index, encoding] of parameters.encodings.entries()) {
    Object.assign(encoding, limitsOf(encodings[index] ?? {}));
  }
  await sender.setParameters(parameters);
  // The next negotiation, for another track, says again which sizes are idle, and the browser obeys:
  // so it has to be told as well. None at all: the one below the lowest.
  const active = encodings.filter((one) => one.active !== false).length;
  if (encodings.length > 1) await producer.setMaxSpatialLayer(active - 1);
}

function limitsOf({
  active = true,
  scaleResolutionDownBy,
  maxBitrate,
  maxFramerate,
}: types.RtpEncodingParameters): RTCRtpEncodingParameters {
  return {
    active,
    ...(scaleResolutionDownBy === undefined ? {} : { scaleResolutionDownBy }),
    ...(maxBitrate === undefined ? {} : { maxBitrate }),
    ...(maxFramerate === undefined ? {} : { maxFramerate }),
  };
}
