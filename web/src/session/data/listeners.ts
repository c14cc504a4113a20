/** Who wants to hear what, and is told in turn, even when a listener makes more happen. */

export class Listeners<T> {
  readonly #listeners = new Map<string, Set<(value: T) => void>>();
  readonly #waiting: (() => void)[] = [];
  #isTelling = false;

  /** Returns how to stop. */
  add(subject: string, listener: (value: T) => void): () => void {
    const listeners = this.#listeners.get(subject) ?? new Set();
    this.#listeners.set(subject, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (!listeners.size && this.#listeners.get(subject) === listeners) {
        this.#listeners.delete(subject);
      }
    };
  }

  tell(subject: string, value: T): void {
    const listeners = this.#listeners.get(subject);
    for (const listener of listeners ?? []) {
      this.#waiting.push(() => {
        if (listeners?.has(listener)) listener(value);
      });
    }
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) attempt(next);
    this.#isTelling = false;
  }

  /** Nobody is told anything any more. */
  clear(): void {
    this.#listeners.clear();
    this.#waiting.length = 0;
  }
}

/** One that fails must not keep the others from hearing. */
function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
