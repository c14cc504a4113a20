import { describe, expect, it } from 'vitest';

import { openSince } from './duration';
import { roomCodeOf } from './room_code';

describe('roomCodeOf', () => {
  it.each([
    ['https://meet.example.org/r/kind-harbour-42', 'kind-harbour-42'],
    ['http://localhost:3000/r/abc?utm=x#y', 'abc'],
    ['meet.example.org/r/abc/', 'abc'],
    ['/r/caf%C3%A9', 'café'],
    ['  abc-DEF_9 ', 'abc-DEF_9'],
    ['', null],
    ['two words', null],
    ['https://meet.example.org/', null],
    ['/r/%E0%A4%A', null],
  ])('finds in %j the code %j', (input, code) => {
    expect(roomCodeOf(input)).toBe(code);
  });
});

describe('openSince', () => {
  const opened = '2026-01-01T10:00:00Z';
  const after = (minutes: number) => openSince(opened, Date.parse(opened) + minutes * 60_000);

  it.each([
    [0.5, 'just opened'],
    [12, 'since 12 min'],
    [125, 'since 2 h'],
    [60 * 24, 'since 1 day'],
    [60 * 24 * 3, 'since 3 days'],
    [-5, 'just opened'],
  ])('after %d minutes says %j', (minutes, words) => {
    expect(after(minutes)).toBe(words);
  });
});
