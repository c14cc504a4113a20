/** Asking the browser for microphone and camera, and making the best of the answer. */

import { problemOf, type CaptureProblem, type DeviceKind } from './outcome';

export type Granted = Partial<Record<DeviceKind, MediaStreamTrack | CaptureProblem>>;
export type Wanted = Partial<Record<DeviceKind, MediaTrackConstraints>>;

export interface DeviceAccess {
  readonly devices: MediaDevices | undefined;
  readonly permissions: Pick<Permissions, 'query'> | undefined;
}

const KINDS = ['microphone', 'camera'] as const;

/**
 * One question for everything wanted, so that a person is asked once. When it fails as a whole,
 * each device is tried alone: a missing camera must not cost the microphone. Never rejects.
 */
export async function requestDevices(access: DeviceAccess, wanted: Wanted): Promise<Granted> {
  const kinds = KINDS.filter((kind) => wanted[kind]);
  const { devices } = access;
  if (!devices) return Object.fromEntries(kinds.map((kind) => [kind, 'insecure']));
  const together = await ask(devices, wanted);
  if (typeof together !== 'string' || kinds.length < 2) return spread(together, kinds);
  const granted: Granted = {};
  for (const kind of kinds) {
    const mayAsk = together !== 'denied' || (await isGranted(access, kind));
    const alone = mayAsk ? await ask(devices, { [kind]: wanted[kind] }) : together;
    Object.assign(granted, spread(alone, [kind]));
  }
  return granted;
}

async function ask(devices: MediaDevices, wanted: Wanted): Promise<MediaStream | CaptureProblem> {
  try {
    return await devices.getUserMedia({
      audio: wanted.microphone ?? false,
      video: wanted.camera ?? false,
    });
  } catch (error) {
    return problemOf(error);
  }
}

function spread(answer: MediaStream | CaptureProblem, kinds: readonly DeviceKind[]): Granted {
  if (typeof answer === 'string') {
    return Object.fromEntries(kinds.map((kind) => [kind, answer]));
  }
  const [microphone] = answer.getAudioTracks();
  const [camera] = answer.getVideoTracks();
  const tracks = { microphone, camera };
  return Object.fromEntries(kinds.map((kind) => [kind, tracks[kind] ?? 'missing']));
}

/** Whether the browser says that this very device is allowed, whatever became of the other. */
async function isGranted({ permissions }: DeviceAccess, kind: DeviceKind): Promise<boolean> {
  try {
    // Not every browser knows these names.
    const status = await permissions?.query({ name: kind });
    return status?.state === 'granted';
  } catch {
    return false;
  }
}
