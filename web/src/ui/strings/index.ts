/** Every word the page says. A further language is one more file of type `Catalogue`. */

import { check } from './en/check';
import { common } from './en/common';
import { course } from './en/course';
import { dashboard } from './en/dashboard';
import { ended } from './en/ended';
import { prejoin } from './en/prejoin';
import { room } from './en/room';

export type { Explanation } from './en/common';

const en = { check, common, dashboard, prejoin, room, course, ended };

export type Catalogue = typeof en;

/** Catalogues by language tag; the first is the fall-back. */
export const catalogues: Readonly<Record<string, Catalogue>> = { en };

/** The catalogue for the first language that there is one for. */
export function catalogueFor(languages: readonly string[]): Catalogue {
  for (const language of languages) {
    const found = catalogues[language] ?? catalogues[language.split('-')[0] ?? ''];
    if (found) return found;
  }
  return en;
}

export const t: Catalogue = catalogueFor(navigator.languages);
