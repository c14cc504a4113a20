import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Reconciler, type StepResult } from './reconciler';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Steps that take 10 ms and end as told; each notes its beginning. */
function world(results: (StepResult | 'fail')[]) {
  const begun: number[] = [];
  const start = Date.now();
  let running = 0;
  const reconciler = new Reconciler(async () => {
    expect((running += 1)).toBe(1);
    begun.push(Date.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    const result = results.shift() ?? 'settled';
    if (result === 'fail') throw new Error('failed');
    return result;
  });
  return { reconciler, begun };
}

describe('a reconciler', () => {
  it('steps until there is nothing more to do', async () => {
    const { reconciler, begun } = world(['more', 'more', 'settled']);
    reconciler.wake();
    await pass(1_000);
    expect(begun).toEqual([0, 10, 20]);
  });

  it('looks again when the wish changed during a step, once however often', async () => {
    const { reconciler, begun } = world([]);
    reconciler.wake();
    await pass(5);
    for (let times = 0; times < 5; times += 1) reconciler.wake();
    await pass(1_000);
    expect(begun).toEqual([0, 10]);
  });

  it('tries again ever more rarely after failures, at once when woken', async () => {
    const { reconciler, begun } = world(['fail', 'fail', 'fail', 'fail']);
    reconciler.wake();
    await pass(800);
    expect(begun).toEqual([0, 260, 770]);
    expect(reconciler.failures).toBe(3);
    reconciler.wake();
    await pass(3_000);
    expect(begun).toEqual([0, 260, 770, 800, 2_810]);
    expect(reconciler.failures).toBe(0);
  });

  it('does nothing once closed', async () => {
    const { reconciler, begun } = world(['fail']);
    reconciler.wake();
    await pass(5);
    reconciler.close();
    reconciler.wake();
    await pass(10_000);
    expect(begun).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
