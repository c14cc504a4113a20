import { describe, expect, it } from 'vitest';

import { icePolicyFrom } from './ice_policy';

describe('the ways that an address allows', () => {
  it.each([
    ['', 'all'],
    ['?ice=relay', 'relay'],
    ['?codec=vp9&ice=RELAY', 'relay'],
    ['?ice=', 'all'],
    ['?ice=relayed', 'all'],
    ['?ice=none&ice=relay', 'all'],
    ['?relay', 'all'],
  ])('%j means %s', (search, policy) => {
    expect(icePolicyFrom(search)).toBe(policy);
  });
});
