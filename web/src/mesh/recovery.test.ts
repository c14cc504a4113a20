import { describe, expect, it } from 'vitest';

import { phaseOf, type LinkFacts } from './phase';
import { Recovery, type LinkCondition, type Remedy } from './recovery';

const CONNECTED: LinkCondition = {
  phase: 'idle',
  connection: 'connected',
  isDescribed: true,
  isReachable: true,
};

/** What is done over time while nothing gets better: [seconds, remedy]. */
function endure(condition: LinkCondition, seconds: number, leads = true): [number, Remedy][] {
  const recovery = new Recovery({ leads, isForeign: false }, 0);
  const done: [number, Remedy][] = [];
  for (let now = 0; now <= seconds * 1000; now += 500) {
    const remedy = recovery.remedy(condition, now);
    if (remedy) done.push([now / 1000, remedy]);
  }
  return done;
}

describe('recovery', () => {
  it('leaves alone what works, what is closed and who cannot be reached', () => {
    expect(endure(CONNECTED, 600)).toEqual([]);
    expect(endure({ ...CONNECTED, phase: 'closed', connection: 'closed' }, 600)).toEqual([]);
    const away = { ...CONNECTED, connection: 'failed', isReachable: false } as const;
    expect(endure(away, 600)).toEqual([]);
  });

  it('offers when who should does not', () => {
    const waiting = { ...CONNECTED, connection: 'new', isDescribed: false } as const;
    expect(endure(waiting, 3, false)).toEqual([[2.5, 'offer']]);
  });

  it('repeats an offer ever more slowly', () => {
    const offered = {
      ...CONNECTED,
      phase: 'offered',
      connection: 'new',
      isDescribed: false,
    } as const;
    const times = endure(offered, 150).map(([at]) => at);
    expect(times.slice(0, 6)).toEqual([1, 3, 7, 15, 31, 61]);
    expect(times[6]! - times[5]!).toBe(30);
  });

  it('restarts ICE after two seconds, then takes a new connection', () => {
    const broken = { ...CONNECTED, connection: 'disconnected' } as const;
    expect(endure(broken, 15)).toEqual([
      [2, 'restart-ice'],
      [14, 'replace'],
    ]);
    expect(endure(broken, 5, false)).toEqual([[4.5, 'restart-ice']]);
  });

  it('replaces what failed at once, and again ever more slowly', () => {
    const failed = { ...CONNECTED, connection: 'failed' } as const;
    const times = endure(failed, 120).map(([at]) => at);
    expect(times.slice(0, 5)).toEqual([0, 2, 6, 14, 30]);
    expect(endure(failed, 10, false)[0]).toEqual([2.5, 'replace']);
  });

  it('does not wait for ever for what is being done', () => {
    const busy = { ...CONNECTED, phase: 'answering', connection: 'new' } as const;
    expect(endure(busy, 12)).toEqual([[10, 'replace']]);
  });

  it('gives up in words only, and takes heart again', () => {
    const recovery = new Recovery({ leads: true, isForeign: false }, 0);
    const failed = { ...CONNECTED, connection: 'failed' } as const;
    for (let now = 0; now < 10_000; now += 500) recovery.remedy(failed, now);
    expect(recovery.isGivenUp).toBe(true);
    recovery.remedy(CONNECTED, 10_000);
    expect(recovery.isGivenUp).toBe(false);
  });
});

describe('the phase', () => {
  const nothing: LinkFacts = {
    isClosing: false,
    isGivenUp: false,
    isNegotiating: false,
    isDescribed: false,
    isConnected: false,
    isChannelOpen: false,
    isHeard: false,
    wasConnected: false,
  };

  it.each([
    [{}, 'connecting'],
    [{ isNegotiating: true }, 'negotiating'],
    [{ isDescribed: true }, 'gathering'],
    [{ isConnected: true }, 'connected'],
    [{ isConnected: true, isChannelOpen: true }, 'channel-open'],
    [{ isConnected: true, isHeard: true, isNegotiating: true }, 'active'],
    [{ wasConnected: true, isNegotiating: true }, 'reconnecting'],
    [{ wasConnected: true, isGivenUp: true }, 'failed'],
    [{ isGivenUp: true, isNegotiating: true }, 'disconnected'],
    [{ isConnected: true, isClosing: true }, 'disconnecting'],
  ])('with %o is %s', (facts, phase) => {
    expect(phaseOf({ ...nothing, ...facts })).toBe(phase);
  });
});
