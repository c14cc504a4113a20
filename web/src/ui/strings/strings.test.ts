import { describe, expect, it } from 'vitest';

import { catalogueFor, catalogues } from '.';

type Entry = readonly [path: string, value: unknown];

function entries(value: unknown, path: string): Entry[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, each]) => entries(each, `${path}.${key}`));
}

const sources = import.meta.glob<string>(
  ['../**/*.{ts,tsx}', '!../strings/**', '!../**/*.test.*'],
  {
    query: '?raw',
    import: 'default',
    eager: true,
  },
);

const all = Object.entries(catalogues).flatMap(([language, catalogue]) =>
  entries(catalogue, language),
);

describe('the catalogue', () => {
  it.each(all)('%s says something', (_path, value) => {
    const words: unknown =
      typeof value === 'function' ? (value as (...args: unknown[]) => unknown)(['1'], 2, 3) : value;
    expect(typeof words).toBe('string');
    expect((words as string).trim()).not.toBe('');
    expect(words).not.toContain('undefined');
  });

  it('has the same entries in every language', () => {
    const paths = Object.values(catalogues).map((catalogue) =>
      entries(catalogue, '').map(([path]) => path),
    );
    for (const other of paths) expect(other).toEqual(paths[0]);
  });

  it('holds no word that nobody says', () => {
    const code = Object.values(sources).join('\n');
    const unused = Object.entries(catalogues['en'] ?? {}).flatMap(([place, words]) =>
      Object.keys(words)
        .filter((key) => !new RegExp(`\\b${key}\\b`).test(code))
        .map((key) => `${place}.${key}`),
    );
    expect(unused).toEqual([]);
  });
});

describe('catalogueFor', () => {
  it('takes the first language there is, else English', () => {
    expect(catalogueFor(['tlh', 'en-GB'])).toBe(catalogues['en']);
    expect(catalogueFor([])).toBe(catalogues['en']);
  });
});
