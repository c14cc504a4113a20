import { useState } from 'react';

import { selectCore, selectCurrentRoom, selectInCore, selectOwnTrouble } from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { Hint } from './hint';

/** What keeps the call from being what it should be, as long as that lasts. */
export function CourseHints() {
  return (
    <>
      <Lasting testId="core-hint" text={useCoreWords()} />
      <Lasting testId="unreachable-hint" text={useTroubleWords()} />
    </>
  );
}

/** Closed, it comes back only with something new to say. */
function Lasting({ testId, text }: { readonly testId: string; readonly text: string | null }) {
  const [read, setRead] = useState<string | null>(null);
  if (text === null && read !== null) setRead(null);
  if (text === null || text === read) return null;
  return <Hint testId={testId} tone="warning" text={text} onClose={() => setRead(text)} />;
}

/** Only the latest speakers are connected, by voice. */
function useCoreWords(): string | null {
  const isReduced = useAppSelector((state) => selectCore(state) !== null);
  const isInside = useAppSelector(selectInCore);
  if (!isReduced) return null;
  return isInside ? t.course.core.inside : t.course.core.outside;
}

/** Our own media does not reach the server. */
function useTroubleWords(): string | null {
  const trouble = useAppSelector(selectOwnTrouble);
  const mode = useAppSelector(selectCurrentRoom)?.mode ?? 'mesh';
  if (trouble === null) return null;
  return trouble === 'way' ? t.course.trouble.maybe : t.course.trouble[mode];
}
