import { describe, expect, it } from 'vitest';

import { NOTHING_YET, type PathFact, type RelayFact, type Report, type Step } from './report';
import { gradePath, gradeRate, gradeRelays, gradeServer, verdictOf } from './verdict';

const done = <Fact>(fact: Fact): Step<Fact> => ({ status: 'done', fact });
const OPEN: PathFact = { outcome: 'works', milliseconds: 80, roundTrip: 20 };
const BLOCKED: PathFact = { outcome: 'blocked' };
const RELAY: RelayFact = { url: 'turn:t.example.org', protocol: 'udp', outcome: 'works' };
const PLENTY = { bitsPerSecond: 2_400_000, loss: 0 };

const FINE: Report = {
  isRunning: false,
  server: done({ isReached: true, roundTrip: 12 }),
  devices: done({ microphone: { problem: null }, camera: { problem: null } }),
  udp: done(OPEN),
  tcp: done(OPEN),
  relays: done([]),
  upload: done(PLENTY),
  download: done(PLENTY),
};

describe('the verdict of a connection check', () => {
  it.each<[string, Partial<Report>, ReturnType<typeof verdictOf>]>([
    ['all is well', {}, 'good'],
    ['it still runs', { isRunning: true }, null],
    ['no server', { server: done({ isReached: false, roundTrip: null }) }, 'no-server'],
    ['no UDP', { udp: done(BLOCKED) }, 'tcp-only'],
    ['neither', { udp: done(BLOCKED), tcp: done(BLOCKED) }, 'blocked'],
    [
      'neither, but a relay',
      { udp: done(BLOCKED), tcp: done(BLOCKED), relays: done([RELAY]) },
      'relay-only',
    ],
    [
      'neither, and a relay that refuses us',
      {
        udp: done(BLOCKED),
        tcp: done({ outcome: 'not-offered' }),
        relays: done([{ ...RELAY, outcome: 'refused' }]),
      },
      'blocked',
    ],
    ['hardly anything up', { upload: done({ bitsPerSecond: 90_000, loss: 0 }) }, 'no-rate'],
    ['little down', { download: done({ bitsPerSecond: 900_000, loss: 0 }) }, 'little-rate'],
    ['losses', { download: done({ ...PLENTY, loss: 0.05 }) }, 'little-rate'],
    [
      'no camera',
      { devices: done({ microphone: { problem: null }, camera: { problem: 'denied' } }) },
      'devices',
    ],
    [
      'no media server',
      {
        udp: done({ outcome: 'not-offered' }),
        tcp: done({ outcome: 'not-offered' }),
        upload: done({ bitsPerSecond: null, loss: 0 }),
        download: done({ bitsPerSecond: null, loss: 0 }),
      },
      'untested',
    ],
  ])('%s', (_, found, verdict) => {
    expect(verdictOf({ ...FINE, ...found })).toBe(verdict);
  });

  it('says nothing before it has begun', () => {
    expect(verdictOf(NOTHING_YET)).toBeNull();
  });

  it('names the closed network before the missing camera', () => {
    const devices = done({
      microphone: { problem: null },
      camera: { problem: 'missing' as const },
    });
    expect(verdictOf({ ...FINE, devices, udp: done(BLOCKED), tcp: done(BLOCKED) })).toBe('blocked');
  });
});

describe('grades', () => {
  it('finds a long way weak, not bad', () => {
    expect(gradeServer({ isReached: true, roundTrip: 900 })).toBe('weak');
    expect(gradePath({ ...OPEN, roundTrip: 900 })).toBe('weak');
    expect(gradePath(OPEN)).toBe('good');
    expect(gradePath({ outcome: 'unknown' })).toBe('unknown');
  });

  it('finds one closed relay of two weak', () => {
    expect(gradeRelays([])).toBe('unknown');
    expect(gradeRelays([RELAY, { ...RELAY, outcome: 'blocked' }])).toBe('weak');
    expect(gradeRelays([{ ...RELAY, outcome: 'blocked' }])).toBe('bad');
  });

  it('finds much that is lost in part bad', () => {
    expect(gradeRate({ bitsPerSecond: 5_000_000, loss: 0.2 })).toBe('bad');
    expect(gradeRate({ bitsPerSecond: null, loss: 0 })).toBe('unknown');
  });
});
