/** What a call tells whoever shows it. */

import type { Health, Mode, SessionEvent } from '../media_session';

export type CallEvent =
  /** As of an engine, whichever it is; a member's streams last as long as the member. */
  | Exclude<SessionEvent, { type: 'channel' | 'data' | 'health' }>
  /** `gap`: how long the worst picture stood still, in milliseconds; null: nobody could tell. */
  | {
      readonly type: 'handed-over';
      readonly from: Mode;
      readonly to: Mode;
      readonly generation: number;
      readonly gap: number | null;
      /** Milliseconds from the preparation until the last of the members had changed over. */
      readonly took: number;
    }
  /** Our own share of the way, in the mode in force. */
  | { readonly type: 'way'; readonly mode: Mode; readonly health: Health };
