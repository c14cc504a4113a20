import { describe, expect, it } from 'vitest';

import { LevelRegistry } from './levels';
import { LOCAL } from './streams';

/** Says how loud somebody is, every 100 ms from `from` until before `until`. */
function speak(levels: LevelRegistry, id: string, level: number, [from, until]: [number, number]) {
  for (let now = from; now < until; now += 100) levels.set(id, level, now);
}

describe('levels', () => {
  it('hear speech through short pauses, and its end', () => {
    const levels = new LevelRegistry(LOCAL);
    levels.set('a', 0.5, 0);
    expect(levels.speaking('a')).toBe(true);
    speak(levels, 'a', 0, [100, 400]);
    expect(levels.speaking('a')).toBe(true);
    speak(levels, 'a', 0, [400, 700]);
    expect(levels.speaking('a')).toBe(false);
  });

  it('do not take a murmur for speech', () => {
    const levels = new LevelRegistry(LOCAL);
    levels.set('a', 0.15, 0);
    expect(levels.speaking('a')).toBe(false);
  });

  it('keep the active speaker until another is louder for a while', () => {
    const levels = new LevelRegistry(LOCAL);
    speak(levels, 'a', 0.5, [0, 1000]);
    expect(levels.activeSpeaker()).toBe('a');
    speak(levels, 'b', 0.7, [500, 1000]);
    expect(levels.activeSpeaker()).toBe('a');
    speak(levels, 'b', 0.7, [1000, 1300]);
    expect(levels.activeSpeaker()).toBe('b');
    levels.remove('b');
    expect(levels.activeSpeaker()).toBeNull();
  });

  it('never elect ourselves, and tell of changes only', () => {
    const levels = new LevelRegistry(LOCAL);
    let told = 0;
    levels.subscribeSpeaking(() => (told += 1));
    speak(levels, LOCAL, 0.9, [0, 1000]);
    expect(levels.activeSpeaker()).toBeNull();
    expect(told).toBe(1);
  });
});
