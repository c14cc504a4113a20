import { useEffect, useState } from 'react';

import type { Room } from '../../signaling/protocol';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { Hint } from './hint';

/** From this many people up, a mesh asks much of everybody's upload and processor. */
const MANY = 5;

/** Time enough to read it twice. */
const STAYS_MS = 12_000;

/** A mesh that stays one as far as anybody knows, and connects everybody. */
function isOrdinary({ mode, prewarm, core }: Pick<Room, 'mode' | 'prewarm' | 'core'>): boolean {
  return mode === 'mesh' && !prewarm && core === null;
}

/** A hint, never a hindrance: goes by itself or when closed, and does not come back. */
export function StrainedHint() {
  const [closed, setClosed] = useState(false);
  const people = useAppSelector((state) => state.participants.list.length) + 1;
  const strained = useAppSelector((state) => state.room.strained);
  const mesh = useAppSelector(
    ({ room: { currentRoom } }) => currentRoom && isOrdinary(currentRoom),
  );
  const shown = !closed && mesh && (strained || people >= MANY);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setClosed(true), STAYS_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) return null;
  return <Hint testId="strained" text={t.room.strained} onClose={() => setClosed(true)} />;
}
