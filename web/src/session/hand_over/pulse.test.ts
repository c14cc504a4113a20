import { describe, expect, it } from 'vitest';

import { Pulse } from './pulse';

/** A picture whose frames come when told. */
function filming() {
  let present: (at: number) => void = () => undefined;
  let isWatched = true;
  const frames = (_stream: MediaStream, presented: (at: number) => void) => {
    present = presented;
    return () => {
      isWatched = false;
    };
  };
  const pulse = new Pulse({} as MediaStream, frames, 0);
  const show = (...times: number[]) => {
    for (const at of times) present(at);
  };
  return { pulse, show, isWatched: () => isWatched };
}

describe('a picture', () => {
  it('moves while frames come, and for as long as nobody can tell', () => {
    const { pulse, show } = filming();
    expect(pulse.isMoving(400)).toBe(true);
    expect(pulse.isMoving(600)).toBe(false);
    show(700);
    expect(pulse.isMoving(1_600)).toBe(true);
    expect(pulse.isMoving(1_800)).toBe(false);
  });

  it('is remembered for some time, and watched until it is of no interest', () => {
    const { pulse, show, isWatched } = filming();
    for (let at = 0; at < 1_000; at += 1) show(at);
    expect(pulse.times.at(-1)).toBe(999);
    expect(pulse.times.length).toBeLessThanOrEqual(600);
    expect(isWatched()).toBe(true);
    pulse.stop();
    expect(isWatched()).toBe(false);
  });
});
