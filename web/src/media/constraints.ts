/** What is asked of devices. */

import type { DeviceKind } from './outcome';
import type { VideoProfile } from './ladder';

const VOICE: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

/**
 * Constraints for one kind of device. A remembered device is only a preference (`ideal`): it may
 * be at home today. One that was just picked is an order (`exact`).
 */
export function constraintsFor(
  kind: DeviceKind,
  picture: VideoProfile,
  device: { readonly id: string | null; readonly exact: boolean },
): MediaTrackConstraints {
  const deviceId = device.id === null ? {} : { deviceId: wish(device.id, device.exact) };
  if (kind === 'microphone') return { ...VOICE, ...deviceId };
  return { ...sizeOf(picture), ...deviceId };
}

/** A picture's size as a wish; devices that cannot do it come as near as they can. */
export function sizeOf({ width, height, framesPerSecond }: VideoProfile): MediaTrackConstraints {
  return {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: framesPerSecond, max: framesPerSecond },
  };
}

function wish(id: string, exact: boolean): ConstrainDOMString {
  return exact ? { exact: id } : { ideal: id };
}
