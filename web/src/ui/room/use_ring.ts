import { useEffect, type RefObject } from 'react';

import { useServices } from '../hooks/use_services';

/**
 * Writes a member's level into the `--level` property of an element, at most once a frame and
 * without rendering: levels change many times a second.
 */
export function useRing(ref: RefObject<HTMLElement | null>, streamId: string): void {
  const { levels } = useServices();
  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = 0;
      ref.current?.style.setProperty('--level', levels.level(streamId).toFixed(2));
    };
    const stop = levels.subscribeLevel(streamId, () => {
      frame ||= requestAnimationFrame(draw);
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [ref, levels, streamId]);
}
