import type { CaptureState } from '../../media/capture_state';
import type { DeviceKind } from '../../media/outcome';
import { t, type Explanation } from '../strings';

/** Something wrong with our own devices, and what trying again would ask for. */
export interface DeviceTrouble {
  readonly key: DeviceKind | 'both';
  readonly code: string;
  readonly explanation: Explanation;
  readonly wanted: readonly DeviceKind[];
}

/** What to tell about microphone and camera; one thing if the same befell both. */
export function troubles({ microphone, camera }: CaptureState): DeviceTrouble[] {
  const { problems } = t.prejoin;
  const found: DeviceTrouble[] = [];
  if (microphone.problem && microphone.problem === camera.problem) {
    const code = microphone.problem;
    const wanted: DeviceKind[] = ['microphone', 'camera'];
    return [{ key: 'both', code, explanation: problems.both[code], wanted }];
  }
  for (const [kind, { problem }] of [
    ['microphone', microphone],
    ['camera', camera],
  ] as const) {
    if (problem === null) continue;
    found.push({
      key: kind,
      code: problem,
      explanation: problems[kind][problem],
      wanted: [kind],
    });
  }
  return found;
}
