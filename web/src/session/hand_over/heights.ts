/** How high everybody is shown, for engines that come later. */

import type { ShownHeight, ViewListener } from '../views';
import type { StreamSource } from '../streams';

export class Heights {
  readonly #heights = new Map<string, Map<StreamSource, ShownHeight>>();

  /** In device pixels, 0: nobody looks; undefined: nobody has said. */
  get(memberId: string, source: StreamSource): ShownHeight | undefined {
    return this.#heights.get(memberId)?.get(source);
  }

  set(memberId: string, source: StreamSource, height: ShownHeight): void {
    const known = this.#heights.get(memberId) ?? new Map<StreamSource, ShownHeight>();
    this.#heights.set(memberId, known.set(source, height));
  }

  forget(memberId: string): void {
    this.#heights.delete(memberId);
  }

  replay(listener: ViewListener): void {
    for (const [memberId, heights] of this.#heights) {
      for (const [source, height] of heights) listener(memberId, source, height);
    }
  }
}
