import { useEffect, useRef, useState, type RefObject } from 'react';

import type { StreamSource } from '../../session/streams';
import type { Place } from '../layout/stage';
import { useServices } from './use_services';

/** Device pixels per CSS pixel that one sees from where one sits; more are not worth their way. */
const SHARPEST = 2;

/**
 * Tells how large a member's picture is shown, and that it is not while it is scrolled away:
 * what nobody sees need not be sent. Of many small ones nobody counts the pixels. `source` null:
 * nothing to tell.
 */
export function useViewReport(
  element: RefObject<Element | null>,
  memberId: string,
  source: StreamSource | null,
  { height, close }: Pick<Place, 'height' | 'close'>,
): void {
  const { views } = useServices();
  const viewer = useRef({});
  const onScreen = useOnScreen(element);
  const density = close ? Math.min(SHARPEST, window.devicePixelRatio) : 1;
  const pixels = onScreen ? Math.max(1, Math.round(height * density)) : 0;
  useEffect(() => {
    if (source !== null) views.report(viewer.current, memberId, source, pixels);
  }, [views, memberId, source, pixels]);
  useEffect(() => {
    const { current } = viewer;
    return () => views.retract(current);
  }, [views]);
}

/** Whether any of an element is in view; true as long as nothing is known. */
function useOnScreen(element: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(true);
  useEffect(() => {
    if (!element.current || typeof IntersectionObserver === 'undefined') return undefined;
    const observer = new IntersectionObserver((entries) => {
      const last = entries.at(-1);
      if (last) setOnScreen(last.isIntersecting);
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return onScreen;
}
