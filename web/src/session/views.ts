/**
 * Who is being looked at, and how large: pictures that nobody sees need not be sent.
 *
 * Tiles come and go, scroll, and change places; only what lasts for a moment is told, so that a
 * tile which is put elsewhere costs nothing. What is shown again is told at once.
 */

import type { StreamSource } from './streams';

/** Device pixels; 0: not to be seen. */
export type ShownHeight = number;

export type ViewListener = (memberId: string, source: StreamSource, height: ShownHeight) => void;

const HIDDEN_AFTER_MS = 1_000;
const PAGE_HIDDEN_AFTER_MS = 3_000;

interface View {
  readonly memberId: string;
  readonly source: StreamSource;
  height: ShownHeight;
  hides: ReturnType<typeof setTimeout> | undefined;
}

export interface Views {
  /** `viewer`: what shows the picture, by identity; it may report as often as it likes. */
  report(viewer: object, memberId: string, source: StreamSource, height: ShownHeight): void;
  /** The viewer is gone. */
  retract(viewer: object): void;
}

export class ViewRegistry implements Views {
  readonly #views = new Map<object, View>();
  /** What was told last, by member and source. */
  readonly #told = new Map<string, ShownHeight>();
  readonly #listeners = new Set<ViewListener>();
  #isPageVisible = true;
  #pageHides: ReturnType<typeof setTimeout> | undefined;

  report(viewer: object, memberId: string, source: StreamSource, height: ShownHeight): void {
    const known = this.#views.get(viewer);
    const same = known?.memberId === memberId && known.source === source;
    if (known && !same) this.retract(viewer);
    const view: View = same ? known : { memberId, source, height: 0, hides: undefined };
    this.#views.set(viewer, view);
    if (height > 0) {
      clearTimeout(view.hides);
      view.hides = undefined;
      view.height = height;
      this.#tell(memberId, source);
    } else if (this.#told.has(nameOf(memberId, source))) {
      this.#hide(view);
    } else {
      // Nobody has said anything yet, and would be taken to want all there is.
      this.#tell(memberId, source);
    }
  }

  retract(viewer: object): void {
    const view = this.#views.get(viewer);
    if (!view) return;
    this.#views.delete(viewer);
    // Another viewer may take its place at once.
    const lingering = {};
    this.#views.set(lingering, view);
    this.#hide(view, () => this.#views.delete(lingering));
  }

  /** Whether anybody can look at the page at all. */
  setPageVisible(visible: boolean): void {
    clearTimeout(this.#pageHides);
    const apply = () => {
      this.#isPageVisible = visible;
      this.#tellAll();
    };
    if (visible) apply();
    else this.#pageHides = setTimeout(apply, PAGE_HIDDEN_AFTER_MS);
  }

  /** Tells every change from now on, and first what there is. */
  subscribe(listener: ViewListener): () => void {
    this.#listeners.add(listener);
    this.replay(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells what there is. */
  replay(listener: ViewListener): void {
    for (const [name, height] of this.#told) {
      const [source, memberId] = split(name);
      listener(memberId, source, height);
    }
  }

  #hide(view: View, then?: () => void): void {
    clearTimeout(view.hides);
    view.hides = setTimeout(() => {
      view.hides = undefined;
      view.height = 0;
      then?.();
      this.#tell(view.memberId, view.source);
    }, HIDDEN_AFTER_MS);
  }

  #tellAll(): void {
    for (const { memberId, source } of [...this.#views.values()]) this.#tell(memberId, source);
  }

  #tell(memberId: string, source: StreamSource): void {
    const heights = [...this.#views.values()]
      .filter((view) => view.memberId === memberId && view.source === source)
      .map(({ height }) => height);
    const height = this.#isPageVisible ? Math.max(0, ...heights) : 0;
    const name = nameOf(memberId, source);
    if (this.#told.get(name) === height) return;
    this.#told.set(name, height);
    for (const listener of [...this.#listeners]) listener(memberId, source, height);
    // Whom nobody looks at any more is as good as unknown.
    if (!heights.length) this.#told.delete(name);
  }
}

function nameOf(memberId: string, source: StreamSource): string {
  return `${source}:${memberId}`;
}

function split(name: string): [StreamSource, string] {
  const colon = name.indexOf(':');
  return [name.slice(0, colon) as StreamSource, name.slice(colon + 1)];
}
