import { createContext, use, useState, useSyncExternalStore } from 'react';

import type { ConnectionCheck } from '../../check/connection_check';
import type { Report } from '../../check/report';

/** Makes a check that can be run; `main.tsx` knows with what. */
export const CheckContext = createContext<(() => ConnectionCheck) | null>(null);

/** A check that is this component's own, and how far it is. */
export function useCheck(): readonly [ConnectionCheck, Report] {
  const create = use(CheckContext);
  if (!create) throw new Error('CheckContext is missing above this component');
  const [check] = useState(create);
  const report = useSyncExternalStore(
    (listener) => check.subscribe(listener),
    () => check.report,
  );
  return [check, report];
}
