import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Pace } from './pace';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a pace', () => {
  it('lets a burst through at once, and the rest in order, as fast as the server takes it', async () => {
    const pace = new Pace(() => performance.now());
    const passed: number[] = [];
    for (let turn = 0; turn < 400; turn += 1) void pace.turn().then(() => passed.push(turn));
    await vi.advanceTimersByTimeAsync(0);
    expect(passed).toHaveLength(200);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(passed.length).toBeGreaterThan(275);
    expect(passed.length).toBeLessThanOrEqual(281);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(passed).toEqual(Array.from({ length: 400 }, (_, index) => index));
  });
});
