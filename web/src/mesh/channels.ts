/**
 * The two data channels of a connection. Both sides know their numbers beforehand, so that neither
 * has to be announced and nothing that is said can come too early.
 */

/** Of each, so many bytes may wait for the network; what is said beyond that is not taken. */
const WAITING = { reliable: 1_048_576, lossy: 65_536 };

const RELIABLE = { label: 'crossover', options: { negotiated: true, id: 0 } };
const LOSSY = {
  label: 'crossover-lossy',
  options: { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 },
};

export interface ChannelsOptions {
  /** Whether messages can be exchanged may have changed. */
  readonly changed: () => void;
  readonly heard: (text: string, lossy: boolean) => void;
}

export class Channels {
  readonly #connection: RTCPeerConnection;
  readonly #options: ChannelsOptions;
  #reliable: RTCDataChannel | null = null;
  #lossy: RTCDataChannel | null = null;

  constructor(connection: RTCPeerConnection, options: ChannelsOptions) {
    this.#connection = connection;
    this.#options = options;
    // Clients that are not ours may open some of their own.
    connection.addEventListener('datachannel', ({ channel }) => this.#listen(channel, false));
  }

  get isOpen(): boolean {
    return this.#reliable?.readyState === 'open';
  }

  /** Part of the first description, whoever makes it. */
  open(): void {
    if (this.#reliable) return;
    this.#reliable = this.#connection.createDataChannel(RELIABLE.label, RELIABLE.options);
    this.#lossy = this.#connection.createDataChannel(LOSSY.label, LOSSY.options);
    this.#listen(this.#reliable, false);
    this.#listen(this.#lossy, true);
  }

  /** Whether it was taken. */
  send(text: string, lossy: boolean): boolean {
    const channel = lossy ? this.#lossy : this.#reliable;
    const most = lossy ? WAITING.lossy : WAITING.reliable;
    if (channel?.readyState !== 'open' || channel.bufferedAmount > most) return false;
    try {
      channel.send(text);
      return true;
    } catch {
      return false;
    }
  }

  #listen(channel: RTCDataChannel, lossy: boolean): void {
    const { changed, heard } = this.#options;
    for (const type of ['open', 'closing', 'close']) channel.addEventListener(type, changed);
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') heard(data, lossy);
    });
  }
}
