import { describe, expect, it } from 'vitest';

import { Pulse } from './pulse';

/** A picture whose frames come when told, every so many milliseconds, first at `from`. */
function filming() {
  let present: (at: number) => void = () => undefined;
  let beats = 0;
  const frames = (_stream: MediaStream, presented: (at: number) => void) => {
    present = presented;
    return () => undefined;
  };
  const pulse = new Pulse({} as MediaStream, frames, 0, () => {
    beats += 1;
  });
  const show = (...times: number[]) => {
    for (const at of times) present(at);
  };
  return { pulse, show, beats: () => beats };
}

describe('two ways', () => {
  it('are in step when the later one has shown what the earlier one has', () => {
    const [old, ahead] = [filming(), filming()];
    old.show(0, 66);
    ahead.show(60);
    expect(old.pulse.isInStep(ahead.pulse)).toBe(true);
    ahead.show(126);
    // The old way's next frame is about to come, and would be lost.
    expect(old.pulse.isInStep(ahead.pulse)).toBe(false);
    old.show(132);
    expect(old.pulse.isInStep(ahead.pulse)).toBe(true);
    expect([old.beats(), ahead.beats()]).toEqual([3, 2]);
  });

  it('are not, where nothing is known of their pace, or half a frame is between them', () => {
    const [old, ahead] = [filming(), filming()];
    expect(old.pulse.isInStep(ahead.pulse)).toBe(false);
    old.show(0);
    ahead.show(1);
    expect(old.pulse.isInStep(ahead.pulse)).toBe(false);
    old.show(1_000);
    ahead.show(1_040);
    expect(old.pulse.isInStep(ahead.pulse)).toBe(false);
  });
});

describe('a picture', () => {
  it('has its next frame to come until it stands still', () => {
    const { pulse, show } = filming();
    expect(pulse.isBeating(10)).toBe(false);
    show(100);
    expect(pulse.isBeating(200)).toBe(true);
    expect(pulse.isBeating(300)).toBe(false);
  });
});
