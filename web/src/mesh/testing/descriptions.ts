/** Descriptions for tests: the words do not matter, who said them and when does. */

import type { Offer } from '../negotiation';

export function offer(session: string, version: number, since: number | null = null): Offer {
  return { id: `${session} ${version}`, session, since, version, sdp: '' };
}
