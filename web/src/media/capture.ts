/** Our own microphone, camera and screen, from the first question to the last light going out. */

import type { Capture, CaptureState, SourceState } from './capture_state';
import { constraintsFor, sizeOf } from './constraints';
import { NO_DEVICES, readPreferences, sortDevices, writePreferences } from './device_list';
import { profileFor, type Profile, type VideoProfile } from './ladder';
import type { CaptureProblem, DeviceKind } from './outcome';
import { capped, type PictureCap } from './picture';
import { requestDevices, type DeviceAccess, type Wanted } from './request_devices';
import { canShareScreen, shareScreen } from './screen_share';

export interface CapturedTracks {
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  readonly screenAudio: MediaStreamTrack | null;
}

export interface CaptureEnvironment extends DeviceAccess {
  /** Remembers the chosen devices; null: does not. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null;
  readonly canSelectSpeaker: boolean;
  /** Captures no more than this, whatever the call can use. */
  readonly picture?: PictureCap | null;
}

const OFF: SourceState = { status: 'off', problem: null, deviceId: null };
const NOTHING: CapturedTracks = { microphone: null, camera: null, screen: null, screenAudio: null };
const INPUT = { microphone: 'audioinput', camera: 'videoinput' } as const;
const KINDS: readonly DeviceKind[] = ['microphone', 'camera'];

/** After these, plugging something in is reason enough to try again. */
const CURED_BY_PLUGGING: readonly (CaptureProblem | null)[] = ['missing', 'unplugged'];

export class CaptureDevices implements Capture {
  readonly #environment: CaptureEnvironment;
  readonly #listeners = new Set<() => void>();
  readonly #wanted = { microphone: true, camera: true };
  /** Counts questions per device, so that a late answer to an old one is recognised. */
  readonly #asked = { microphone: 0, camera: 0, screen: 0 };
  #profile: Profile;
  #tracks = NOTHING;
  /** Also what browsers list without a name or id, before any permission. */
  #plugged: ReadonlySet<MediaDeviceKind> = new Set();
  #state: CaptureState;
  #closed = false;

  constructor(environment: CaptureEnvironment) {
    this.#environment = environment;
    this.#profile = this.#capped(profileFor(1));
    const preferred = readPreferences(environment.storage);
    this.#state = {
      microphone: { ...OFF, deviceId: preferred.microphone },
      camera: { ...OFF, deviceId: preferred.camera },
      screen: OFF,
      devices: NO_DEVICES,
      speakerId: preferred.speaker,
      canSelectSpeaker: environment.canSelectSpeaker,
      canShareScreen: canShareScreen(environment.devices),
    };
    environment.devices?.addEventListener('devicechange', this.#onDeviceChange);
  }

  getState(): CaptureState {
    return this.#state;
  }

  /** What is captured now; a new object whenever that changes, and be it in size or silence. */
  get tracks(): CapturedTracks {
    return this.#tracks;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async acquire(wanted?: readonly DeviceKind[]): Promise<void> {
    const kinds = (wanted ?? KINDS.filter((kind) => this.#wanted[kind])).filter(
      (kind) => !['live', 'asking'].includes(this.#state[kind].status),
    );
    await this.#request(kinds, false);
  }

  /**
   * Whether a device is meant to be on. A camera that is not is let go, so that its light goes
   * out; a microphone is muted and kept, so that it answers at once.
   */
  async setWanted(kind: DeviceKind, on: boolean): Promise<void> {
    this.#wanted[kind] = on;
    if (kind === 'microphone' && this.#tracks.microphone) {
      this.#tracks.microphone.enabled = on;
      this.#tell();
    } else if (on) {
      await this.acquire([kind]);
    } else {
      this.#release(kind);
    }
  }

  /** Meant to be on, and not known to be impossible. */
  isEnabled(kind: DeviceKind): boolean {
    return this.#wanted[kind] && this.#state[kind].status !== 'failed';
  }

  async selectMicrophone(deviceId: string): Promise<void> {
    await this.#select('microphone', deviceId);
  }

  async selectCamera(deviceId: string): Promise<void> {
    await this.#select('camera', deviceId);
  }

  selectSpeaker(deviceId: string): void {
    this.#update({ speakerId: deviceId });
    this.#remember();
  }

  /** Shares a screen or stops; resolves when it is clear what became of it. */
  async setScreenSharing(on: boolean): Promise<void> {
    const asked = (this.#asked.screen += 1);
    if (!on) {
      this.#dropScreen(OFF);
      return;
    }
    if (this.#tracks.screen) return;
    this.#update({ screen: { ...OFF, status: 'asking' } });
    const shared = await shareScreen(this.#environment.devices, this.#profile.screen);
    if (typeof shared === 'string') {
      if (asked === this.#asked.screen) {
        this.#dropScreen({ ...OFF, status: 'failed', problem: shared });
      }
      return;
    }
    if (asked !== this.#asked.screen) {
      stop(shared.video, shared.audio);
      return;
    }
    shared.video.addEventListener('ended', () => {
      if (this.#tracks.screen === shared.video) this.#dropScreen(OFF);
    });
    this.#setTracks({ screen: shared.video, screenAudio: shared.audio });
    this.#update({ screen: { ...OFF, status: 'live' } });
  }

  /** Captures no larger than the call can use. */
  setProfile(profile: Profile): void {
    const before = this.#profile.camera;
    this.#profile = this.#capped(profile);
    const { camera } = this.#profile;
    const { height, framesPerSecond } = camera;
    if (height === before.height && framesPerSecond === before.framesPerSecond) return;
    if (this.#tracks.camera) void this.#reshape(this.#tracks.camera, camera);
  }

  /** Lets go of everything; the next `acquire` starts afresh. */
  stop(): void {
    for (const kind of KINDS) this.#release(kind);
    void this.setScreenSharing(false);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.stop();
    this.#environment.devices?.removeEventListener('devicechange', this.#onDeviceChange);
    this.#listeners.clear();
  }

  /** Senders measure by what is captured: they hear of it when it has changed. */
  async #reshape(camera: MediaStreamTrack, picture: VideoProfile): Promise<void> {
    try {
      await camera.applyConstraints(sizeOf(picture));
    } catch {
      // A camera that cannot is a camera that stays as it is; senders scale down.
      return;
    }
    if (this.#tracks.camera === camera) this.#tell();
  }

  #capped(profile: Profile): Profile {
    return capped(profile, this.#environment.picture ?? null);
  }

  async #request(kinds: readonly DeviceKind[], exact: boolean): Promise<void> {
    if (!kinds.length) return;
    const asked = { ...this.#asked };
    const wanted: Wanted = {};
    for (const kind of kinds) {
      asked[kind] = this.#asked[kind] += 1;
      const device = { id: this.#state[kind].deviceId, exact };
      wanted[kind] = constraintsFor(kind, this.#profile.camera, device);
      this.#setSource(kind, { status: 'asking', problem: null });
    }
    const granted = await requestDevices(this.#environment, wanted);
    for (const kind of kinds) {
      const result = granted[kind] ?? 'failed';
      if (asked[kind] === this.#asked[kind]) this.#settle(kind, result);
      else if (typeof result !== 'string') stop(result);
    }
    await this.#list();
  }

  #settle(kind: DeviceKind, result: MediaStreamTrack | CaptureProblem): void {
    if (typeof result === 'string') {
      this.#setTracks({ [kind]: null });
      this.#setSource(kind, { status: 'failed', problem: result });
      return;
    }
    result.contentHint = kind === 'camera' ? 'motion' : 'speech';
    if (kind === 'microphone') result.enabled = this.#wanted.microphone;
    result.addEventListener('ended', () => this.#onEnded(kind, result));
    this.#setTracks({ [kind]: result });
    const deviceId = result.getSettings().deviceId ?? this.#state[kind].deviceId;
    this.#setSource(kind, { status: 'live', problem: null, deviceId });
  }

  /** Pulled out, or taken away: another one serves as well; if there is none, we only listen. */
  #onEnded(kind: DeviceKind, track: MediaStreamTrack): void {
    if (this.#tracks[kind] !== track) return;
    this.#setTracks({ [kind]: null });
    this.#setSource(kind, { status: 'off', problem: null, deviceId: null });
    void this.#request([kind], false).then(() => {
      const { status, problem } = this.#state[kind];
      if (status === 'failed' && problem === 'missing') {
        this.#setSource(kind, { problem: 'unplugged' });
      }
    });
  }

  async #select(kind: DeviceKind, deviceId: string): Promise<void> {
    const wasLive = this.#tracks[kind] !== null;
    this.#setSource(kind, { deviceId });
    this.#remember();
    if (!wasLive && !this.#wanted[kind]) return;
    const before = this.#tracks[kind];
    // Some machines cannot open two cameras at once, and phones not even one twice.
    if (kind === 'camera') stop(before);
    await this.#request([kind], true);
    if (before !== this.#tracks[kind]) stop(before);
  }

  #release(kind: DeviceKind): void {
    this.#asked[kind] += 1;
    stop(this.#tracks[kind]);
    this.#setTracks({ [kind]: null });
    this.#setSource(kind, { status: 'off', problem: null });
  }

  #dropScreen(screen: SourceState): void {
    stop(this.#tracks.screen, this.#tracks.screenAudio);
    this.#setTracks({ screen: null, screenAudio: null });
    this.#update({ screen });
  }

  readonly #onDeviceChange = (): void => {
    void this.#list().then(() => {
      const curable = KINDS.filter(
        (kind) => this.#wanted[kind] && CURED_BY_PLUGGING.includes(this.#state[kind].problem),
      );
      return this.#request(
        curable.filter((kind) => this.#plugged.has(INPUT[kind])),
        false,
      );
    });
  };

  async #list(): Promise<void> {
    try {
      const found = await this.#environment.devices?.enumerateDevices();
      if (!found || this.#closed) return;
      this.#plugged = new Set(found.map(({ kind }) => kind));
      this.#update({ devices: sortDevices(found) });
    } catch {
      // The old list is the best there is.
    }
  }

  #remember(): void {
    const { microphone, camera, speakerId } = this.#state;
    writePreferences(this.#environment.storage, {
      microphone: microphone.deviceId,
      camera: camera.deviceId,
      speaker: speakerId,
    });
  }

  #setTracks(change: Partial<CapturedTracks>): void {
    this.#tracks = { ...this.#tracks, ...change };
  }

  /** The tracks are the same, and yet not what they were. */
  #tell(): void {
    this.#setTracks({});
    this.#update({});
  }

  #setSource(kind: DeviceKind, change: Partial<SourceState>): void {
    this.#update({ [kind]: { ...this.#state[kind], ...change } });
  }

  #update(change: Partial<CaptureState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

function stop(...tracks: (MediaStreamTrack | null)[]): void {
  for (const track of tracks) track?.stop();
}
