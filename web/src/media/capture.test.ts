import { describe, expect, it } from 'vitest';

import { CaptureDevices } from './capture';
import { profileFor } from './ladder';
import { problemOf } from './outcome';
import { FakeDevices, FakeTrack } from './testing/fake_devices';

function setUp(prepare: (devices: FakeDevices) => void = () => undefined) {
  const devices = new FakeDevices();
  prepare(devices);
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  };
  const environment = {
    devices: devices.asMediaDevices,
    permissions: undefined,
    storage,
    canSelectSpeaker: true,
  };
  return { devices, environment, capture: new CaptureDevices(environment) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('capture', () => {
  it('asks once for both', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    expect(devices.questions).toHaveLength(1);
    expect(capture.getState()).toMatchObject({
      microphone: { status: 'live', deviceId: 'm1' },
      camera: { status: 'live', deviceId: 'c1' },
      devices: { microphones: [{ id: 'm1' }], cameras: [{ id: 'c1' }] },
    });
    await capture.acquire();
    expect(devices.questions).toHaveLength(1);
  });

  it('makes do with the one that is there', async () => {
    const { capture } = setUp((devices) => devices.plug('camera', []));
    await capture.acquire();
    expect(capture.getState()).toMatchObject({
      microphone: { status: 'live' },
      camera: { status: 'failed', problem: 'missing' },
    });
    expect(capture.isEnabled('microphone')).toBe(true);
    expect(capture.isEnabled('camera')).toBe(false);
  });

  it.each([
    ['NotAllowedError', 'denied'],
    ['NotReadableError', 'in-use'],
    ['NotFoundError', 'missing'],
    ['SomethingElse', 'failed'],
  ])('calls %s %s', async (name, problem) => {
    const { capture } = setUp((devices) =>
      Object.assign(devices.trouble, { microphone: name, camera: name }),
    );
    await capture.acquire();
    expect(capture.getState().microphone).toMatchObject({ status: 'failed', problem });
    expect(capture.getState().camera).toMatchObject({ status: 'failed', problem });
  });

  it('keeps the microphone when only the camera is denied', async () => {
    const { environment, devices } = setUp();
    devices.trouble.camera = 'NotAllowedError';
    const query = ({ name }: { name: string }) =>
      Promise.resolve({ state: name === 'microphone' ? 'granted' : 'denied' });
    const permissions = { query } as unknown as Permissions;
    const capture = new CaptureDevices({ ...environment, permissions });
    await capture.acquire();
    expect(capture.getState()).toMatchObject({
      microphone: { status: 'live' },
      camera: { status: 'failed', problem: 'denied' },
    });
  });

  it('knows an insecure page', async () => {
    const { environment } = setUp();
    const capture = new CaptureDevices({ ...environment, devices: undefined });
    await capture.acquire();
    await capture.setScreenSharing(true);
    const { microphone, screen } = capture.getState();
    expect([microphone.problem, screen.problem]).toEqual(['insecure', 'insecure']);
  });

  it('mutes the microphone and lets go of the camera', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    await capture.setWanted('microphone', false);
    await capture.setWanted('camera', false);
    expect(devices.live().map(({ kind, enabled }) => [kind, enabled])).toEqual([['audio', false]]);
    expect(capture.tracks.camera).toBeNull();
    await capture.setWanted('camera', true);
    expect(capture.getState().camera.status).toBe('live');
  });

  it('stops a camera that comes after it was switched off', async () => {
    const { capture, devices } = setUp();
    const acquired = capture.acquire(['camera']);
    await capture.setWanted('camera', false);
    await acquired;
    expect(devices.live()).toEqual([]);
    expect(capture.getState().camera.status).toBe('off');
  });

  it('takes another microphone when one is pulled out', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    devices.plugged.microphone = ['m2'];
    devices.tracks[0]!.end();
    await settle();
    expect(capture.getState().microphone).toMatchObject({ status: 'live', deviceId: 'm2' });
  });

  it('only listens when there is no other, until one is plugged in', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    devices.plugged.microphone = [];
    devices.tracks[0]!.end();
    await settle();
    expect(capture.getState().microphone).toMatchObject({ status: 'failed', problem: 'unplugged' });
    devices.plug('microphone', ['m3']);
    await settle();
    expect(capture.getState().microphone).toMatchObject({ status: 'live', deviceId: 'm3' });
  });

  it('changes devices, lets go of the old one, and remembers the choice', async () => {
    const { capture, devices, environment } = setUp();
    devices.plugged.camera = ['c1', 'c2'];
    await capture.acquire();
    await capture.selectCamera('c2');
    expect(capture.getState().camera).toMatchObject({ status: 'live', deviceId: 'c2' });
    expect(devices.live()).toHaveLength(2);
    capture.selectSpeaker('s2');
    const next = new CaptureDevices(environment);
    expect(next.getState().camera.deviceId).toBe('c2');
    expect(next.getState().speakerId).toBe('s2');
  });

  it('captures no more than the call can use', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    capture.setProfile(profileFor(7));
    capture.setProfile(profileFor(8));
    const [, camera] = devices.tracks;
    expect(camera!.constraints).toEqual([expect.objectContaining({ height: { ideal: 180 } })]);
  });

  it('tells when the picture has another size, for senders to fit', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    const [, camera] = devices.tracks;
    const before = capture.tracks;
    let sizes = 0;
    const told: unknown[] = [];
    camera!.applyConstraints = async () => {
      await settle();
      sizes += 1;
    };
    capture.subscribe(() => told.push([capture.tracks, sizes]));
    capture.setProfile(profileFor(7));
    expect(told).toEqual([]);
    await settle();
    await settle();
    expect(told).toEqual([[before, 1]]);
    expect(capture.tracks).not.toBe(before);
  });

  it('says nothing of a camera that cannot change, or is gone meanwhile', async () => {
    const { capture, devices } = setUp();
    await capture.acquire();
    const [, camera] = devices.tracks;
    camera!.applyConstraints = () => Promise.reject(new DOMException('', 'OverconstrainedError'));
    const before = capture.tracks;
    capture.setProfile(profileFor(7));
    await settle();
    expect(capture.tracks).toBe(before);
    camera!.applyConstraints = () => settle() as Promise<void>;
    capture.setProfile(profileFor(1));
    await capture.setWanted('camera', false);
    const { tracks } = capture;
    await settle();
    await settle();
    expect(capture.tracks).toBe(tracks);
  });

  it('tells when the microphone is muted, though its track is the same', async () => {
    const { capture } = setUp();
    await capture.acquire();
    const before = capture.tracks;
    const muted: (boolean | undefined)[] = [];
    capture.subscribe(() => muted.push(capture.tracks.microphone?.enabled));
    await capture.setWanted('microphone', false);
    expect(muted).toEqual([false]);
    expect(capture.tracks).toEqual(before);
    expect(capture.tracks).not.toBe(before);
  });

  it('stays below a cap, in the first question and in every profile', async () => {
    const { environment, devices } = setUp();
    const picture = { width: 160, height: 120, framesPerSecond: 15 };
    const capture = new CaptureDevices({ ...environment, picture });
    await capture.acquire(['camera']);
    expect(devices.questions[0]?.video).toMatchObject({
      width: { ideal: 160 },
      height: { ideal: 120 },
      frameRate: { ideal: 15, max: 15 },
    });
    capture.setProfile(profileFor(4));
    capture.setProfile(profileFor(1));
    const [camera] = devices.tracks;
    expect(camera!.constraints).toEqual([]);
  });

  it('shares a screen until either side stops it', async () => {
    const { capture, devices } = setUp();
    await capture.setScreenSharing(true);
    expect(capture.getState().screen).toMatchObject({ status: 'failed', problem: 'dismissed' });
    devices.screen = new FakeTrack('video', 'screen');
    await capture.setScreenSharing(true);
    expect(capture.getState().screen.status).toBe('live');
    devices.screen.end();
    expect(capture.getState().screen.status).toBe('off');
    expect(capture.tracks.screen).toBeNull();
  });

  it('leaves no light on', async () => {
    const { capture, devices } = setUp();
    devices.screen = new FakeTrack('video', 'screen');
    await capture.acquire();
    await capture.setScreenSharing(true);
    capture.close();
    capture.close();
    expect(devices.live()).toEqual([]);
    expect(devices.screen.readyState).toBe('ended');
  });
});

describe('a problem', () => {
  it('has a code whatever was thrown', () => {
    expect(problemOf('text')).toBe('failed');
    expect(problemOf(new DOMException('', 'SecurityError'))).toBe('denied');
    expect(problemOf(new DOMException('', 'NotSupportedError'))).toBe('unsupported');
  });
});
