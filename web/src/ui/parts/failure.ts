import type { Failure } from '../../store';
import { t, type Explanation } from '../strings';

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ...t.common.errors,
  offline: t.common.unreachable,
  timeout: t.common.timeout,
};

/** The words for why something did not work, also for codes of a newer server. */
export function explain({ code }: Pick<Failure, 'code'>): Explanation {
  return EXPLANATIONS[code] ?? t.common.unknownError;
}
