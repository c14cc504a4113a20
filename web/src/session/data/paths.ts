/** The ways on which texts travel between members; each is an engine of the call. */

import type { DataOptions, Mode } from '../media_session';

export type PathName = Mode;

export const PATHS: readonly PathName[] = ['mesh', 'sfu'];

/**
 * A way to the other members. Reliable texts arrive in order, or not at all from some text on,
 * after which the way to that member is closed (and perhaps opened again).
 */
export interface DataPath {
  /** Whether it was taken; if not, it may be offered again. */
  send(text: string, options: DataOptions): boolean;
}
