/**
 * The join token that brought somebody here, from the fragment of the link: `…/r/<room>#token=…`.
 *
 * What it says is read here to be shown, and believed by nobody: the server verifies it.
 */

import type { Grants } from '../signaling/protocol';

export interface Invitation {
  readonly token: string;
  /** The room it is for; null: any. */
  readonly roomId: string | null;
  /** The name its bearer goes by; null: its own choice. */
  readonly name: string | null;
  readonly grants: Grants;
}

/** What everybody may do who was not told otherwise. */
export const GUEST: Grants = {
  publish: true,
  subscribe: true,
  data: true,
  moderate: false,
  admin: false,
};

/** Longer ones are refused by every server. */
const LONGEST = 2048;

/** The token in a fragment like `#token=…`, if there is one. */
export function tokenIn(hash: string): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token === null || token === '' ? null : token;
}

/** What a token says. One that says nothing we understand is for the server to refuse. */
export function readInvitation(token: string): Invitation {
  const said = claimsOf(token);
  const { room, name, grants } = said;
  return {
    token,
    roomId: typeof room === 'string' && room !== '*' ? room : null,
    name: typeof name === 'string' && name.trim() ? name : null,
    grants: grantsOf(grants),
  };
}

function claimsOf(token: string): Record<string, unknown> {
  const body = token.length > LONGEST ? undefined : token.split('.')[1];
  try {
    const base64 = (body ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return objectOf(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

function grantsOf(value: unknown): Grants {
  const said = objectOf(value);
  const of = (name: keyof Grants) => {
    const granted = said[name];
    return typeof granted === 'boolean' ? granted : GUEST[name];
  };
  return {
    publish: of('publish'),
    subscribe: of('subscribe'),
    data: of('data'),
    moderate: of('moderate'),
    admin: of('admin'),
  };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
