/** Another member as we hear and see it; outlives routers, transports and consumers. */

import type { ChatFrame, SessionEvent } from '../session/media_session';
import { readFrame } from '../session/channel_frames';
import type { PeerPhase } from '../session/peer_phase';
import type { Availability, OwnPresence } from '../session/presence';
import { RemoteMedia } from '../session/remote_media';
import type { Producer } from '../signaling/protocol';

export class RemoteMember {
  readonly id: string;
  readonly media: RemoteMedia;
  /** Gone from the list; to be let go then, unless it comes back. */
  leavesAt: number | null = null;
  wasConnected = false;
  /** Nothing has come from it for a while, though it should: its way to the server is broken. */
  isSilent = false;
  readonly #emit: (event: SessionEvent) => void;
  #name = '';
  #status: Availability = 'active';
  /** Has said anything on its channel. */
  #hasSpoken = false;
  #shown: OwnPresence | null = null;
  #phase: PeerPhase = 'disconnected';

  /** `changed`: a track has started or stopped to carry anything. */
  constructor(id: string, emit: (event: SessionEvent) => void, changed: () => void) {
    this.id = id;
    this.#emit = emit;
    this.media = new RemoteMedia(changed);
  }

  get isHeard(): boolean {
    return this.#hasSpoken || this.media.flows('audio') || this.media.flows('video');
  }

  /** Takes what came on its channel. */
  hear(data: unknown): void {
    const frame = readFrame(data);
    if (!frame) return;
    this.#hasSpoken = true;
    if (frame.type === 'presence') {
      this.#name = frame.name;
      this.#status = frame.status;
    } else {
      const { nonce, text, sentAt }: ChatFrame = frame;
      this.#emit({ type: 'chat', memberId: this.id, frame: { nonce, text, sentAt } });
    }
  }

  /**
   * What it publishes is the server's word, and better than its own. `settling`: everybody is
   * about to publish anew what they did before; what they have not yet is not gone.
   */
  show(published: readonly Producer[], settling: boolean): void {
    const sends = (source: Producer['source']) =>
      published.some((one) => one.source === source && !one.paused);
    const before = settling ? this.#shown : null;
    const presence: OwnPresence = {
      name: this.#name,
      status: this.#status,
      audio: before?.audio === true || sends('microphone'),
      video: before?.video === true || sends('camera'),
      screen: before?.screen === true || sends('screen'),
    };
    const memberId = this.id;
    const screen = presence.screen ? this.media.stream('screen') : null;
    this.#emit({ type: 'stream', memberId, source: 'camera', stream: this.media.stream('camera') });
    this.#emit({ type: 'stream', memberId, source: 'screen', stream: screen });
    if (isSame(this.#shown, presence)) return;
    this.#shown = presence;
    this.#emit({ type: 'presence', memberId, presence });
  }

  enter(phase: PeerPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.wasConnected ||= phase === 'active' || phase === 'connected' || phase === 'channel-open';
    this.#emit({ type: 'phase', memberId: this.id, phase });
  }
}

function isSame(one: OwnPresence | null, other: OwnPresence): boolean {
  if (!one) return false;
  return (Object.keys(other) as (keyof OwnPresence)[]).every((key) => one[key] === other[key]);
}
