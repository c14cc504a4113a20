/** The server's word on how a room's media travels, as a call follows it. */

import type { ModeChanged, PrepareHandOver } from '../../signaling/protocol';

/** The final word, for now; whatever has a lower generation is out of date. */
export type Course = Pick<ModeChanged, 'mode' | 'generation' | 'prewarm' | 'core'>;

/** A change of mode that is being prepared. */
export type Preparation = Pick<PrepareHandOver, 'mode' | 'generation' | 'seconds'>;
