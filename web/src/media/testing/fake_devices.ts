/** Microphones and cameras that can be denied, busy, absent and pulled out. */

import type { DeviceKind } from '../outcome';

export class FakeTrack extends EventTarget {
  enabled = true;
  contentHint = '';
  readyState = 'live';
  readonly constraints: MediaTrackConstraints[] = [];
  readonly kind: 'audio' | 'video';
  readonly #deviceId: string;

  constructor(kind: 'audio' | 'video', deviceId: string) {
    super();
    this.kind = kind;
    this.#deviceId = deviceId;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#deviceId };
  }

  applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.constraints.push(constraints);
    return Promise.resolve();
  }

  stop(): void {
    this.readyState = 'ended';
  }

  /** Pulled out, or taken away by the system. */
  end(): void {
    this.readyState = 'ended';
    this.dispatchEvent(new Event('ended'));
  }
}

export class FakeDevices extends EventTarget {
  /** Device ids that are plugged in. */
  readonly plugged: Record<DeviceKind, string[]> = { microphone: ['m1'], camera: ['c1'] };
  /** Why a device cannot be had, as the name of the error. */
  readonly trouble: Partial<Record<DeviceKind, string>> = {};
  readonly questions: MediaStreamConstraints[] = [];
  readonly tracks: FakeTrack[] = [];
  screen: FakeTrack | string = 'NotAllowedError';

  get asMediaDevices(): MediaDevices {
    return this as unknown as MediaDevices;
  }

  async getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
    this.questions.push(constraints);
    await Promise.resolve();
    const wanted = (['microphone', 'camera'] as const).filter((kind) =>
      kind === 'microphone' ? constraints.audio : constraints.video,
    );
    const troubles = wanted.map((kind) => this.#troubleWith(kind)).filter((one) => one);
    if (troubles[0]) throw new DOMException('no', troubles[0]);
    const tracks = wanted.map((kind) => {
      const asked = (kind === 'camera' ? constraints.video : constraints.audio) as
        MediaTrackConstraints | boolean;
      return new FakeTrack(kind === 'camera' ? 'video' : 'audio', this.#choose(kind, asked));
    });
    this.tracks.push(...tracks);
    return streamOf(tracks);
  }

  async getDisplayMedia(): Promise<MediaStream> {
    await Promise.resolve();
    if (typeof this.screen === 'string') throw new DOMException('no', this.screen);
    return streamOf([this.screen]);
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    const of = (kind: DeviceKind, type: MediaDeviceKind) =>
      this.plugged[kind].map((deviceId) => ({ kind: type, deviceId, label: deviceId }));
    const all = [...of('microphone', 'audioinput'), ...of('camera', 'videoinput')];
    return Promise.resolve(all as MediaDeviceInfo[]);
  }

  plug(kind: DeviceKind, ids: string[]): void {
    this.plugged[kind] = ids;
    this.dispatchEvent(new Event('devicechange'));
  }

  /** Tracks that hold a device. */
  live(): FakeTrack[] {
    return this.tracks.filter(({ readyState }) => readyState === 'live');
  }

  #troubleWith(kind: DeviceKind): string | undefined {
    return this.trouble[kind] ?? (this.plugged[kind].length ? undefined : 'NotFoundError');
  }

  #choose(kind: DeviceKind, asked: MediaTrackConstraints | boolean): string {
    const wish = typeof asked === 'object' ? asked.deviceId : undefined;
    const id =
      wish && typeof wish === 'object' && !Array.isArray(wish) ? (wish.exact ?? wish.ideal) : wish;
    const found = this.plugged[kind].find((one) => one === id);
    return found ?? this.plugged[kind][0] ?? '';
  }
}

function streamOf(tracks: readonly FakeTrack[]): MediaStream {
  const of = (kind: string) => tracks.filter((track) => track.kind === kind);
  return {
    getAudioTracks: () => of('audio'),
    getVideoTracks: () => of('video'),
  } as unknown as MediaStream;
}
