import { useLevelStep } from '../hooks/use_services';
import { t } from '../strings';

const BARS = 12;

/** How loud a microphone is, as bars. */
export function LevelMeter({ streamId }: { readonly streamId: string }) {
  const lit = useLevelStep(streamId, BARS);
  return (
    <div
      className="meter"
      role="meter"
      aria-label={t.prejoin.level}
      aria-valuemin={0}
      aria-valuemax={BARS}
      aria-valuenow={lit}
    >
      {Array.from({ length: BARS }, (_, index) => (
        <span key={index} className="meter-bar" data-lit={index < lit} />
      ))}
    </div>
  );
}
