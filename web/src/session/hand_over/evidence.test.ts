import { describe, expect, it } from 'vitest';

import { mayChange, SOUND_MS, type Evidence } from './evidence';

/** Somebody who is seen and heard by the old way, and not yet by the new one. */
const TALKING: Evidence = {
  isBlank: false,
  pictures: [{ isWatched: true, isDecoded: false }],
  isHeard: true,
  isAudible: false,
  connectedForMs: null,
};
const SEEN = [{ isWatched: true, isDecoded: true }];
const UNSEEN = [{ isWatched: false, isDecoded: false }];

describe('a person may be shown by the new way', () => {
  it.each<[string, Partial<Evidence>, boolean]>([
    ['not before anything has come', {}, false],
    ['not for a connection alone', { connectedForMs: 10_000 }, false],
    ['not for sound alone', { isAudible: true, connectedForMs: 10_000 }, false],
    ['with a first frame and sound', { pictures: SEEN, isAudible: true }, true],
    ['not without the sound that should come', { pictures: SEEN, connectedForMs: 0 }, false],
    ['when sound has had its chance', { pictures: SEEN, connectedForMs: SOUND_MS }, true],
    [
      'not with one of two pictures',
      { pictures: [...SEEN, ...TALKING.pictures], isAudible: true },
      false,
    ],
    [
      'with the picture that is looked at',
      { pictures: [...SEEN, ...UNSEEN], isAudible: true },
      true,
    ],
    ['by voice, not before it is connected', { pictures: UNSEEN, isAudible: true }, false],
    ['by voice, when it is heard', { pictures: UNSEEN, isAudible: true, connectedForMs: 0 }, true],
    [
      'by voice, not at once when it is not',
      { pictures: UNSEEN, connectedForMs: SOUND_MS - 1 },
      false,
    ],
    ['by voice, not for ever', { pictures: UNSEEN, connectedForMs: SOUND_MS }, true],
    ['muted and unseen, when connected', { pictures: [], isHeard: false, connectedForMs: 0 }, true],
    ['muted and unseen, not before', { pictures: [], isHeard: false }, false],
    ['at once, when nothing has ever come by the old one', { isBlank: true, pictures: [] }, true],
  ])('%s', (_name, given, may) => {
    expect(mayChange({ ...TALKING, ...given })).toBe(may);
  });
});
