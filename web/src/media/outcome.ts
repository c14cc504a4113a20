/** What became of asking for a microphone, camera or screen, as codes the page has words for. */

export type DeviceKind = 'microphone' | 'camera';

/**
 * - `denied`: the person, or the system, said no
 * - `dismissed`: a screen picker was closed without a choice
 * - `missing`: there is no such device
 * - `in-use`: another program holds it
 * - `unplugged`: it was there and is gone, and there is no other
 * - `insecure`: the page was not loaded over HTTPS, so browsers offer no devices at all
 * - `unsupported`: this browser cannot do it (screens on phones)
 * - `failed`: anything else
 */
export type CaptureProblem =
  | 'denied'
  | 'dismissed'
  | 'missing'
  | 'in-use'
  | 'unplugged'
  | 'insecure'
  | 'unsupported'
  | 'failed';

const BY_NAME: Readonly<Record<string, CaptureProblem>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  PermissionDeniedError: 'denied',
  NotFoundError: 'missing',
  DevicesNotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'in-use',
  TrackStartError: 'in-use',
  AbortError: 'in-use',
  NotSupportedError: 'unsupported',
};

/** The code for what `getUserMedia` or `getDisplayMedia` threw. */
export function problemOf(error: unknown): CaptureProblem {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  return BY_NAME[name] ?? 'failed';
}
