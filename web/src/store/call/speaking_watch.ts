/** When to tell the server that we have begun to speak. */

const APART_MS = 2_000;

export class SpeakingWatch {
  #isSpeaking = false;
  #saidAt = -Infinity;

  /** Whether this beginning is worth telling; `now` in milliseconds. */
  hear(isSpeaking: boolean, now: number): boolean {
    const began = isSpeaking && !this.#isSpeaking;
    this.#isSpeaking = isSpeaking;
    if (!began || now - this.#saidAt < APART_MS) return false;
    this.#saidAt = now;
    return true;
  }
}
