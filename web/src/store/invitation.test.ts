import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { member, room } from '../signaling/testing/messages';
import { GUEST, readInvitation, tokenIn } from './invitation';
import { invited, takeInvitation } from './invitation_actions';
import { selectGivenName, selectGrants, tokenFor } from './invited';
import { locationChanged } from './location';
import { restoreInvitation } from './middleware/auth';
import { createRoom, joinRoom, roomLeft } from './room_actions';
import { logout } from './slices/auth';
import { toggleScreenShare, toggleVideo } from './slices/rtc_connection';
import { createWorld, joined, StubStream } from './testing/fake_backstage';

beforeEach(() => vi.stubGlobal('MediaStream', StubStream));
afterEach(() => vi.unstubAllGlobals());

function tokenOf(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const body = btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_');
  return `head.${body.replace(/=+$/, '')}.signature`;
}

const listener = tokenOf({ room: 'r1', name: 'Zoë', grants: { publish: false } });

function worldAt(roomId: string) {
  const world = createWorld();
  world.store.dispatch(locationChanged({ page: 'room', roomId }));
  return world;
}

describe('an invitation', () => {
  it('is found in the fragment', () => {
    expect(tokenIn('#token=a.b-c_d.e')).toBe('a.b-c_d.e');
    expect(tokenIn('#other=1&token=x')).toBe('x');
    for (const hash of ['', '#', '#token=', '#tokens=a', '#a']) expect(tokenIn(hash)).toBeNull();
  });

  it('says for which room it is, as whom, and what for', () => {
    expect(readInvitation(listener)).toEqual({
      token: listener,
      roomId: 'r1',
      name: 'Zoë',
      grants: { ...GUEST, publish: false },
    });
    expect(readInvitation(tokenOf({ room: '*' }))).toMatchObject({ roomId: null, name: null });
  });

  it('may be anything, and is for the server to refuse', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(readInvitation(token)).toMatchObject({ token });
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (claims) => {
        const { grants } = readInvitation(tokenOf(claims));
        expect(Object.values(grants).every((one) => typeof one === 'boolean')).toBe(true);
      }),
    );
  });
});

describe('the address bar', () => {
  it('loses the token, and nothing else', () => {
    const world = createWorld();
    const replaced: unknown[] = [];
    const bar = {
      location: { hash: `#token=${listener}`, pathname: '/r/r1', search: '?codec=vp9' },
      history: { state: null, replaceState: (...all: unknown[]) => void replaced.push(all) },
    };
    expect(world.store.dispatch(takeInvitation(bar))).toBe(true);
    expect(replaced).toEqual([[null, '', '/r/r1?codec=vp9']]);
    expect(world.store.getState().auth.token).toBe(listener);
    const bare = { ...bar, location: { ...bar.location, hash: '#other' } };
    expect(world.store.dispatch(takeInvitation(bare))).toBe(false);
    expect(replaced).toHaveLength(1);
    expect(world.store.getState().auth.token).toBe(listener);
  });

  it('is not needed again when the tab is reloaded', () => {
    const world = createWorld();
    world.store.dispatch(invited(readInvitation(listener)));
    world.store.dispatch(logout());
    const next = createWorld();
    next.auth.session.setItem('crossover:token', world.auth.session.getItem('crossover:token')!);
    restoreInvitation(next.auth, next.store.dispatch);
    expect(next.store.getState().auth).toMatchObject({ token: listener, user: null });
    expect(world.localStorage.items.size).toBe(0);
  });
});

describe('who was invited', () => {
  it('shows the token at the room it is for, and nowhere else', async () => {
    const world = worldAt('r1');
    world.store.dispatch(invited(readInvitation(listener)));
    expect(selectGivenName(world.store.getState())).toBe('Zoë');
    world.signaling.begin();
    void world.store.dispatch(joinRoom({ roomId: 'r1', name: 'Zoë' }));
    expect(world.signaling.sent.at(-1)).toMatchObject({ payload: { token: listener } });
    await world.signaling.refuse('join-room', 'token-invalid');
    expect(world.store.getState().room.error?.code).toBe('token-invalid');
    void world.store.dispatch(joinRoom({ roomId: 'r2', name: 'Zoë' }));
    expect(world.signaling.sent.at(-1)).not.toHaveProperty('payload.token');
    void world.store.dispatch(createRoom({ name: 'R', memberName: 'Zoë' }));
    expect(world.signaling.sent.at(-1)).not.toHaveProperty('payload.token');
  });

  it('makes rooms with a token for any room, or for moderating', () => {
    const world = worldAt('r1');
    for (const claims of [{ room: '*' }, { room: 'r1', grants: { moderate: true } }]) {
      const token = tokenOf(claims);
      world.store.dispatch(invited(readInvitation(token)));
      expect(tokenFor(world.store.getState(), null)).toEqual({ token });
    }
  });

  it('to listen is asked for no device, and no switch switches any on', () => {
    const world = worldAt('r1');
    world.store.dispatch(invited(readInvitation(listener)));
    void world.capture.acquire();
    expect(world.capture.getState()).toMatchObject({
      microphone: { status: 'off' },
      camera: { status: 'off' },
    });
    world.store.dispatch(toggleVideo());
    world.store.dispatch(toggleScreenShare());
    expect(world.store.getState().rtcConnection).toMatchObject({
      audioEnabled: false,
      videoEnabled: false,
      screenSharing: false,
    });
  });

  it('may do what the server says, once inside', async () => {
    const world = await joined();
    expect(selectGrants(world.store.getState())).toEqual(GUEST);
    const grants = { ...GUEST, publish: false };
    world.signaling.say({ type: 'room-joined', room: room([member('me')]), grants });
    expect(selectGrants(world.store.getState())).toEqual(grants);
    expect(world.devices.live()).toEqual([]);
    world.store.dispatch(roomLeft());
    expect(selectGrants(world.store.getState())).toEqual(GUEST);
  });
});
