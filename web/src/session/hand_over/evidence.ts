/**
 * Whether a person may be shown by another engine than before, without anybody noticing.
 *
 * A picture that moves is worth waiting for: the new way must have one, decoded. Where there is
 * none to wait for (the camera is off, nobody looks, the old way broke), a connection must do; and
 * in any case sound that is heard must be there as well, or have had its chance.
 */

export interface Picture {
  /** It is looked at, and has moved lately on the old way. */
  readonly isWatched: boolean;
  /** The new way has decoded a frame. */
  readonly isDecoded: boolean;
}

export interface Evidence {
  /** Nothing has ever come by the old way. */
  readonly isBlank: boolean;
  readonly pictures: readonly Picture[];
  /** Sound comes by the old way, and should by the new one. */
  readonly isHeard: boolean;
  /** It does, and has for a while. */
  readonly isAudible: boolean;
  /** How long the new way has been connected; null: it is not. */
  readonly connectedForMs: number | null;
}

/** Sound that has not come so long after the connection stood is not going to. */
export const SOUND_MS = 1_000;

export function mayChange(evidence: Evidence): boolean {
  const { isBlank, pictures, isHeard, isAudible, connectedForMs } = evidence;
  if (isBlank) return true;
  const watched = pictures.filter(({ isWatched }) => isWatched);
  const isSeen = watched.length > 0 && watched.every(({ isDecoded }) => isDecoded);
  if (watched.length > 0 && !isSeen) return false;
  if (!isSeen && connectedForMs === null) return false;
  return !isHeard || isAudible || (connectedForMs ?? 0) >= SOUND_MS;
}
