/** What jsdom lacks and components use. */

import { cleanup } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

import { FakeStream } from '../../session/testing/fake_stream';

class StillObserver {
  readonly #notify: ResizeObserverCallback;

  constructor(notify: ResizeObserverCallback) {
    this.#notify = notify;
  }

  /** Everything is as large as a laptop's stage. */
  observe(target: Element): void {
    const contentRect = { width: 1200, height: 700 } as DOMRectReadOnly;
    const entry = { target, contentRect } as unknown as ResizeObserverEntry;
    this.#notify([entry], this);
  }

  unobserve(): void {
    // Nothing moves here.
  }

  disconnect(): void {
    // Nothing moves here.
  }
}

beforeEach(() => {
  if (typeof window === 'undefined') return;
  vi.stubGlobal('MediaStream', FakeStream);
  vi.stubGlobal('ResizeObserver', StillObserver);
  window.matchMedia = (query: string) =>
    ({
      matches: /min-width/.test(query),
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }) as unknown as MediaQueryList;
  HTMLCanvasElement.prototype.getContext = () => null;
  HTMLMediaElement.prototype.play = () => Promise.resolve();
  HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
    this.open = false;
  };
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
});
