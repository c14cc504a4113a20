import { describe, expect, it } from 'vitest';

import { NO_WAY, phaseOf } from './phase';

const START = { ...NO_WAY, isEntered: false, isHeard: false, wasConnected: false };
const THERE = { ...START, isEntered: true, hasTransport: true, isConnected: true };

describe('the phase of the way to a member', () => {
  it.each([
    ['connecting', START],
    ['negotiating', { ...START, isEntered: true }],
    ['gathering', { ...START, isEntered: true, hasTransport: true }],
    // They have not come yet.
    ['connecting', THERE],
    ['connected', { ...THERE, isReceived: true }],
    ['channel-open', { ...THERE, isReceived: true, isChannelOpen: true }],
    ['active', { ...THERE, isReceived: true, isHeard: true }],
    ['reconnecting', { ...START, wasConnected: true }],
    ['reconnecting', { ...THERE, wasConnected: true }],
    ['failed', { ...START, isGivenUp: true, wasConnected: true }],
    ['active', { ...THERE, isReceived: true, isHeard: true, isGivenUp: true }],
  ])('is %s', (phase, facts) => {
    expect(phaseOf(facts)).toBe(phase);
  });
});
