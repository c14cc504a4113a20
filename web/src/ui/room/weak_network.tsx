import { useEffect, useState } from 'react';

import { selectUplinkIsNarrow, selectWaitingPictures } from '../../store';
import { useDelayed } from '../hooks/use_browser';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { Hint } from './hint';

/** At the start of a call bandwidth is still being found. */
const UPLINK_LASTS_MS = 10_000;
const DOWNLINK_LASTS_MS = 4_000;
/** Only what comes back after so long is worth another word. */
const WELL_AGAIN_MS = 60_000;
/** Time enough to read it twice. */
const STAYS_MS = 12_000;

/** What our own network keeps from others and from us: said once, not on every tile. */
export function WeakNetwork() {
  const isNarrow = useAppSelector(selectUplinkIsNarrow);
  const waiting = useAppSelector(selectWaitingPictures);
  return (
    <>
      <Once
        testId="weak-uplink"
        text={t.room.weakUplink}
        isTrue={isNarrow}
        lasts={UPLINK_LASTS_MS}
      />
      <Once
        testId="weak-downlink"
        text={t.room.weakDownlink}
        isTrue={waiting > 0}
        lasts={DOWNLINK_LASTS_MS}
      />
    </>
  );
}

interface OnceProps {
  readonly testId: string;
  readonly text: string;
  readonly isTrue: boolean;
  /** How long it is true before it is said, in milliseconds. */
  readonly lasts: number;
}

/** Says something that has become true, for a while, and not again before it was untrue for long. */
function Once({ testId, text, isTrue, lasts }: OnceProps) {
  const [said, setSaid] = useState(false);
  const lasting = useDelayed(isTrue, lasts);
  const isWell = useDelayed(!isTrue, WELL_AGAIN_MS);
  if (isWell && said) setSaid(false);
  const shown = lasting && !said;
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => setSaid(true), STAYS_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown) return null;
  return <Hint testId={testId} tone="warning" text={text} onClose={() => setSaid(true)} />;
}
