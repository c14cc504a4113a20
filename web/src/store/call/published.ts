/** Which of a member's tracks carry anything, out of three words on it. */

import type { Published } from '../../session/media_session';

const NOTHING: Published = { audio: false, video: false, screen: false };

interface Words {
  /** The server's, or what arrives. */
  seen: { readonly published: Published; readonly byServer: boolean } | null;
  /** The member's own. */
  said: Published | null;
}

/** The server's word counts first, then the member's own, then what arrives. */
export class PublishedWords {
  readonly #words = new Map<string, Words>();

  see(memberId: string, published: Published | null, byServer: boolean): void {
    this.#of(memberId).seen = published && { published, byServer };
  }

  say(memberId: string, { audio, video, screen }: Published): void {
    this.#of(memberId).said = { audio, video, screen };
  }

  get(memberId: string): Published {
    const { seen, said } = this.#words.get(memberId) ?? { seen: null, said: null };
    if (seen?.byServer) return seen.published;
    return said ?? seen?.published ?? NOTHING;
  }

  forget(memberId: string): void {
    this.#words.delete(memberId);
  }

  clear(): void {
    this.#words.clear();
  }

  #of(memberId: string): Words {
    const known = this.#words.get(memberId) ?? { seen: null, said: null };
    this.#words.set(memberId, known);
    return known;
  }
}
