import { pathOf } from '../../store';

/** The address that brings somebody into a room. */
export function linkTo(roomId: string): string {
  return new URL(pathOf({ page: 'room', roomId }), window.location.href).href;
}

/** Puts the room's address on the clipboard; false where browsers do not let us. */
export async function copyLink(roomId: string): Promise<boolean> {
  try {
    // Missing on addresses without https, whatever its type says.
    await navigator.clipboard.writeText(linkTo(roomId));
    return true;
  } catch {
    return false;
  }
}
