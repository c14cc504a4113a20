import { expect, it } from 'vitest';

import { SpeakingWatch } from './speaking_watch';

it('tells beginnings, at most one in two seconds', () => {
  const watch = new SpeakingWatch();
  const heard = (
    [
      [false, 0],
      [true, 100],
      [true, 5_000],
      [false, 5_100],
      [true, 6_000],
      [false, 6_100],
      [true, 7_900],
      [false, 7_950],
      [true, 8_000],
    ] as const
  ).map(([isSpeaking, now]) => watch.hear(isSpeaking, now));
  expect(heard).toEqual([false, true, false, false, true, false, false, false, true]);
});
