/** What is plugged in, and which of it the person prefers. */

import type { Device, Devices } from './capture_state';

export const NO_DEVICES: Devices = { microphones: [], cameras: [], speakers: [] };

const KEY = 'crossover:devices';

export interface Preferences {
  readonly microphone: string | null;
  readonly camera: string | null;
  readonly speaker: string | null;
}

const NONE: Preferences = { microphone: null, camera: null, speaker: null };

export function sortDevices(found: readonly MediaDeviceInfo[]): Devices {
  const of = (kind: MediaDeviceKind): Device[] =>
    found
      // Without a permission browsers list nameless devices without an id: nothing to choose.
      .filter((device) => device.kind === kind && device.deviceId !== '')
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { microphones: of('audioinput'), cameras: of('videoinput'), speakers: of('audiooutput') };
}

export function readPreferences(storage: Pick<Storage, 'getItem'> | null): Preferences {
  try {
    const value: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null');
    if (typeof value !== 'object' || value === null) return NONE;
    const { microphone, camera, speaker } = value as Record<string, unknown>;
    return { microphone: text(microphone), camera: text(camera), speaker: text(speaker) };
  } catch {
    return NONE;
  }
}

export function writePreferences(
  storage: Pick<Storage, 'setItem'> | null,
  preferences: Preferences,
): void {
  try {
    storage?.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Not remembered, then.
  }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value ? value : null;
}
