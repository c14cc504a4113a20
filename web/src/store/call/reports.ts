/** What the server is told about our end of the call, so that it can decide how media travels. */

import type { LevelRegistry } from '../../session/levels';
import type { PeerStatistics } from '../../session/statistics';
import { LOCAL } from '../../session/streams';
import type { ClientMessage } from '../../signaling/protocol';
import { SpeakingWatch } from './speaking_watch';
import { StrainWatch, type StrainFacts } from './strain_watch';

/** The longest that the server takes. */
const LONGEST_GAP_MS = 60_000;

export interface ReportFacts extends StrainFacts {
  readonly roomId: string;
}

interface ReportsContext {
  readonly levels: LevelRegistry;
  readonly tell: (message: ClientMessage) => void;
  /** The call we are in; null: none. */
  readonly facts: () => ReportFacts | null;
  /** Milliseconds. */
  readonly now: () => number;
}

export class Reports {
  readonly #context: ReportsContext;
  readonly #strain = new StrainWatch();
  readonly #speaking = new SpeakingWatch();

  constructor(context: ReportsContext) {
    this.#context = context;
    context.levels.subscribeSpeaking(() => this.#hear());
  }

  /** A link was measured. */
  measured(memberId: string, { limitedBy }: PeerStatistics): void {
    const facts = this.#context.facts();
    if (!facts) return;
    const by = this.#strain.sample(memberId, limitedBy, facts, this.#context.now());
    if (by) this.#context.tell({ type: 'report-limited', roomId: facts.roomId, by });
  }

  /** A hand-over is over; `gap` in milliseconds, null: nobody could tell. */
  handedOver(generation: number, gap: number | null): void {
    const roomId = this.#context.facts()?.roomId;
    if (roomId === undefined || gap === null) return;
    const milliseconds = Math.min(Math.round(gap), LONGEST_GAP_MS);
    this.#context.tell({ type: 'report-gap', roomId, generation, milliseconds });
  }

  /** A link is gone. */
  forget(memberId: string): void {
    this.#strain.forget(memberId);
  }

  clear(): void {
    this.#strain.clear();
  }

  #hear(): void {
    const { levels, facts, now, tell } = this.#context;
    const isNews = this.#speaking.hear(levels.speaking(LOCAL), now());
    const call = facts();
    // Only a call that hangs on a server has something to lose.
    if (isNews && call?.mode === 'sfu') tell({ type: 'report-speaking', roomId: call.roomId });
  }
}
