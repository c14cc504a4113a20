import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Pace } from './pace';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a pace', () => {
  it('lets a burst through at once, and the rest in order, as fast as the server takes it', async () => {
    const pace = new Pace(() => performance.now());
    const passed: number[] = [];
    for (let turn = 0; turn < 2_400; turn += 1) void pace.turn().then(() => passed.push(turn));
    await vi.advanceTimersByTimeAsync(0);
    expect(passed).toHaveLength(2_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(passed.length).toBeGreaterThan(2_150);
    expect(passed.length).toBeLessThanOrEqual(2_161);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(passed).toEqual(Array.from({ length: 2_400 }, (_, index) => index));
  });
});
