import { Info, X } from 'lucide-react';
import { useEffect, useState } from 'react';

import { useAppSelector } from '../hooks/use_store';
import { IconButton } from '../parts/button';
import { t } from '../strings';

/** From this many people up, a mesh asks much of everybody's upload and processor. */
const MANY = 5;

/** Time enough to read it twice. */
const STAYS_MS = 12_000;

/** A hint, never a hindrance: goes by itself or when closed, and does not come back. */
export function StrainedHint() {
  const [closed, setClosed] = useState(false);
  const people = useAppSelector((state) => state.participants.list.length) + 1;
  const strained = useAppSelector((state) => state.room.strained);
  const mesh = useAppSelector((state) => state.room.currentRoom?.mode === 'mesh');
  const shown = !closed && mesh && (strained || people >= MANY);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setClosed(true), STAYS_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) return null;
  return (
    <div className="notice notice-hint" role="status" data-testid="strained">
      <Info size={18} aria-hidden="true" />
      <p>{t.room.strained}</p>
      <IconButton label={t.common.dismiss} icon={X} onClick={() => setClosed(true)} />
    </div>
  );
}
