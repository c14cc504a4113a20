/** Engines on one wire: what one page says, the others of the same mode hear a moment later. */

import type {
  DataOptions,
  MediaSession,
  MediaSessionContext,
  Mode,
} from '../../session/media_session';
import type { Member } from '../../signaling/protocol';

export class LoopbackWire {
  readonly #engines = new Set<LoopbackEngine>();

  readonly createSession = (mode: Mode, context: MediaSessionContext): MediaSession => {
    const engine = new LoopbackEngine(mode, context, this);
    this.#engines.add(engine);
    return engine;
  };

  /** Another page's engine of a mode. */
  find(mode: Mode, memberId: string): LoopbackEngine | undefined {
    return [...this.#engines].find((one) => one.mode === mode && one.memberId === memberId);
  }

  remove(engine: LoopbackEngine): void {
    this.#engines.delete(engine);
  }
}

class LoopbackEngine implements MediaSession {
  readonly mode: Mode;
  readonly memberId: string;
  readonly #context: MediaSessionContext;
  readonly #wire: LoopbackWire;
  readonly #open = new Set<string>();

  constructor(mode: Mode, context: MediaSessionContext, wire: LoopbackWire) {
    this.mode = mode;
    this.memberId = context.memberId;
    this.#context = context;
    this.#wire = wire;
    queueMicrotask(() => this.#context.emit({ type: 'health', health: 'ready' }));
  }

  setMembers(members: readonly Member[]): void {
    for (const member of members) this.addMember(member);
  }

  addMember({ id }: Member): void {
    const other = this.#wire.find(this.mode, id);
    queueMicrotask(() => {
      this.meet(id, other !== undefined);
      other?.meet(this.memberId, true);
    });
  }

  meet(memberId: string, isOpen: boolean): void {
    if (this.#open.has(memberId) === isOpen) return;
    if (isOpen) this.#open.add(memberId);
    else this.#open.delete(memberId);
    this.#context.emit({ type: 'phase', memberId, phase: isOpen ? 'active' : 'disconnected' });
    this.#context.emit({ type: 'channel', memberId, isOpen });
  }

  hear(): void {
    // No server speaks here.
  }

  send(text: string, { to, lossy }: DataOptions): boolean {
    const reached = [...this.#open].filter((id) => to === null || id === to);
    for (const id of reached) {
      const other = this.#wire.find(this.mode, id);
      queueMicrotask(() => other?.take(this.memberId, text, lossy));
    }
    return reached.length > 0;
  }

  take(memberId: string, text: string, lossy: boolean): void {
    this.#context.emit({ type: 'data', memberId, text, lossy });
  }

  removeMember(memberId: string): void {
    this.meet(memberId, false);
  }

  close(): void {
    this.#wire.remove(this);
    for (const id of this.#open) this.#wire.find(this.mode, id)?.meet(this.memberId, false);
  }

  readonly memberReachable = nothing;
  readonly memberUnreachable = nothing;
  readonly receive = nothing;
  readonly setShownHeight = nothing;
  readonly publish = nothing;
  readonly setLive = nothing;
  readonly setIceServers = nothing;
  readonly signalingRestored = nothing;
  readonly reconnect = nothing;
}

function nothing(): void {
  // Neither media nor signals travel on this wire.
}
