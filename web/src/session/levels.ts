/**
 * How loud everybody is, outside the store: levels change many times a second.
 *
 * `speaking` has hysteresis, so that a ring neither flickers between words nor lingers; the
 * active speaker is the loudest who speaks, and stays until somebody else clearly takes over.
 */

export interface Levels {
  /** 0 (silence) to 1, perceptually scaled. */
  level(memberId: string): number;
  subscribeLevel(memberId: string, listener: () => void): () => void;
  speaking(memberId: string): boolean;
  /** Called when anybody starts or stops speaking, or the active speaker changes. */
  subscribeSpeaking(listener: () => void): () => void;
  /** Who speaks, or spoke last; never ourselves; null until somebody did. */
  activeSpeaker(): string | null;
}

const STARTS_ABOVE = 0.18;
const STOPS_BELOW = 0.1;
/** A pause shorter than this does not end a sentence. */
const HOLD_MS = 400;
/** Whoever wants to be the active speaker speaks for at least this long. */
const TAKE_OVER_MS = 600;

interface Voice {
  level: number;
  speaking: boolean;
  loudAt: number;
  since: number;
}

export class LevelRegistry implements Levels {
  readonly #voices = new Map<string, Voice>();
  readonly #levelListeners = new Map<string, Set<() => void>>();
  readonly #speakingListeners = new Set<() => void>();
  readonly #local: string;
  #active: string | null = null;

  /** `local`: the member id of our own voice, which is never the active speaker. */
  constructor(local: string) {
    this.#local = local;
  }

  level(memberId: string): number {
    return this.#voices.get(memberId)?.level ?? 0;
  }

  speaking(memberId: string): boolean {
    return this.#voices.get(memberId)?.speaking ?? false;
  }

  activeSpeaker(): string | null {
    return this.#active;
  }

  /** Takes one measurement; `now` in milliseconds. */
  set(memberId: string, level: number, now: number): void {
    const voice = this.#voices.get(memberId) ?? { level: 0, speaking: false, loudAt: 0, since: 0 };
    this.#voices.set(memberId, voice);
    const changed = voice.level !== level;
    voice.level = level;
    const spoke = voice.speaking;
    hear(voice, now);
    if (changed) notify(this.#levelListeners.get(memberId));
    const elected = this.#elect(memberId, voice, now);
    if (elected || spoke !== voice.speaking) notify(this.#speakingListeners);
  }

  remove(memberId: string): void {
    if (!this.#voices.delete(memberId)) return;
    if (this.#active === memberId) this.#active = null;
    notify(this.#levelListeners.get(memberId));
    notify(this.#speakingListeners);
  }

  /** Removes everybody else. */
  keepOnly(memberId: string): void {
    for (const id of [...this.#voices.keys()]) if (id !== memberId) this.remove(id);
  }

  subscribeLevel(memberId: string, listener: () => void): () => void {
    const listeners = this.#levelListeners.get(memberId) ?? new Set();
    this.#levelListeners.set(memberId, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  subscribeSpeaking(listener: () => void): () => void {
    this.#speakingListeners.add(listener);
    return () => void this.#speakingListeners.delete(listener);
  }

  /** Whether the member has just become the active speaker. */
  #elect(memberId: string, voice: Voice, now: number): boolean {
    if (memberId === this.#local || memberId === this.#active || !voice.speaking) return false;
    const current = this.#active === null ? undefined : this.#voices.get(this.#active);
    const free = !current?.speaking;
    if (!free && (now - voice.since < TAKE_OVER_MS || voice.level <= current.level)) return false;
    this.#active = memberId;
    return true;
  }
}

function hear(voice: Voice, now: number): void {
  if (voice.level >= STARTS_ABOVE) {
    if (!voice.speaking) voice.since = now;
    voice.speaking = true;
    voice.loudAt = now;
  } else if (voice.speaking) {
    if (voice.level >= STOPS_BELOW) voice.loudAt = now;
    else if (now - voice.loudAt > HOLD_MS) voice.speaking = false;
  }
}

function notify(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}
