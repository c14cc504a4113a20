import { useRef, useState, type PointerEvent } from 'react';

import type { Size } from '../layout/grid';
import { CORNERS, cornerRect, nearestCorner, type Corner } from '../layout/stage';

export interface CornerDrag {
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    readonly onPointerCancel: (event: PointerEvent<HTMLElement>) => void;
  };
  /** Moves it one corner on, for those who do not drag. */
  readonly nextCorner: () => void;
}

/** Clockwise, so that pressing a key again goes around. */
const AROUND: readonly Corner[] = ['bottom-right', 'bottom-left', 'top-left', 'top-right'];

/** The corner in which one's own tile is. */
export function useCorner() {
  return useState<Corner>('bottom-right');
}

/** Lets one's own tile be thrown from corner to corner. */
export function useCornerDrag(
  container: Size,
  corner: Corner,
  setCorner: (corner: Corner) => void,
): CornerDrag {
  const start = useRef<{ readonly x: number; readonly y: number } | null>(null);

  const settle = (event: PointerEvent<HTMLElement>) => {
    const from = start.current;
    if (!from) return;
    start.current = null;
    const element = event.currentTarget;
    element.style.removeProperty('translate');
    delete element.dataset['dragging'];
    const rect = cornerRect(container, corner);
    const centre = {
      x: rect.x + rect.width / 2 + event.clientX - from.x,
      y: rect.y + rect.height / 2 + event.clientY - from.y,
    };
    setCorner(nearestCorner(container, centre));
  };

  return {
    handlers: {
      onPointerDown: (event) => {
        if (event.button !== 0 || (event.target as Element).closest('button')) return;
        start.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.dataset['dragging'] = 'true';
      },
      onPointerMove: (event) => {
        const from = start.current;
        if (!from) return;
        const x = event.clientX - from.x;
        const y = event.clientY - from.y;
        event.currentTarget.style.translate = `${x}px ${y}px`;
      },
      onPointerUp: settle,
      onPointerCancel: settle,
    },
    nextCorner: () => {
      const at = AROUND.indexOf(corner);
      setCorner(AROUND[(at + 1) % CORNERS.length] ?? 'bottom-right');
    },
  };
}
