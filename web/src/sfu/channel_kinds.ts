/** The two channels on which members speak to each other through the server. */

import type { types } from 'mediasoup-client';

export type ChannelKind = 'reliable' | 'lossy';

export interface ChannelTerms {
  readonly label: string;
  readonly options: Pick<types.DataProducerOptions, 'ordered' | 'maxRetransmits'>;
  /** When more bytes wait for the network, what is said now would only come too late. */
  readonly mostBuffered: number;
}

/** By this the server knows channels whose messages may be for one member; see `addressed`. */
export const PROTOCOL = 'crossover';

export const CHANNELS: Readonly<Record<ChannelKind, ChannelTerms>> = {
  reliable: { label: 'crossover', options: { ordered: true }, mostBuffered: 1_048_576 },
  lossy: {
    label: 'crossover-lossy',
    options: { ordered: false, maxRetransmits: 0 },
    mostBuffered: 65_536,
  },
};

/** Which of them a label names; others' channels are nothing to us. */
export function kindOf(label: string): ChannelKind | null {
  if (label === CHANNELS.reliable.label) return 'reliable';
  return label === CHANNELS.lossy.label ? 'lossy' : null;
}
