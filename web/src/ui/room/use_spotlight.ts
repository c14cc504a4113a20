import { useEffect, useReducer } from 'react';

import { useFloor } from '../hooks/use_services';
import { DARK, follow, nextLook, type Spotlight } from '../layout/spotlight';

interface Look {
  /** Who has the floor; null: nobody. */
  readonly floor: string | null;
  /** Milliseconds. */
  readonly now: number;
}

/** Whom to look at, by who has the floor and for how long. */
export function useSpotlight(): Spotlight {
  const floor = useFloor();
  const [spotlight, look] = useReducer(
    (before: Spotlight, { floor: dominant, now }: Look) => follow(before, dominant, now),
    DARK,
  );
  useEffect(() => {
    look({ floor, now: performance.now() });
  }, [floor]);
  useEffect(() => {
    const at = nextLook(spotlight);
    if (at === null) return undefined;
    const timer = setTimeout(
      () => look({ floor: spotlight.candidate, now: performance.now() }),
      Math.max(0, Math.ceil(at - performance.now())),
    );
    return () => clearTimeout(timer);
  }, [spotlight]);
  return spotlight;
}
