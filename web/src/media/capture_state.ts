/** The local microphone, camera and screen, as components see them. */

import type { CaptureProblem, DeviceKind } from './outcome';

export interface Device {
  readonly id: string;
  /** Empty until a permission was granted. */
  readonly label: string;
}

export interface Devices {
  readonly microphones: readonly Device[];
  readonly cameras: readonly Device[];
  readonly speakers: readonly Device[];
}

/**
 * - `off`: not captured, by choice
 * - `asking`: the browser asks the person, or the device starts
 * - `live`: captured
 * - `failed`: wanted and not to be had; `problem` says why
 */
export interface SourceState {
  readonly status: 'off' | 'asking' | 'live' | 'failed';
  readonly problem: CaptureProblem | null;
  /** The device in use, or chosen for the next time; null: the browser's choice. */
  readonly deviceId: string | null;
}

export interface CaptureState {
  readonly microphone: SourceState;
  readonly camera: SourceState;
  readonly screen: SourceState;
  readonly devices: Devices;
  /** Where to play sound: the value for `setSinkId`; null: the system's default. */
  readonly speakerId: string | null;
  /** Whether this browser can choose a speaker at all. */
  readonly canSelectSpeaker: boolean;
  /** Whether this browser can share a screen. */
  readonly canShareScreen: boolean;
}

/**
 * Our own devices. Nothing here ever rejects: what went wrong is in the state.
 *
 * Whether microphone and camera are *meant* to be on is the store's (`toggleAudio`,
 * `toggleVideo`); components call only `acquire` and the device pickers.
 */
export interface Capture {
  /** The same object until something changed. */
  getState(): CaptureState;
  subscribe(listener: () => void): () => void;
  /**
   * Asks for the wanted devices (both by default) at once, falls back to the one that is
   * there, and lists what is plugged in. Does nothing for what is live already.
   */
  acquire(wanted?: readonly DeviceKind[]): Promise<void>;
  selectMicrophone(deviceId: string): Promise<void>;
  selectCamera(deviceId: string): Promise<void>;
  selectSpeaker(deviceId: string): void;
}
