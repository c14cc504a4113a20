/** Two pages with all that is between their stores, except for engines and a server. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { CallSession } from '../session/hand_over/call_session';
import { FakeStream } from '../session/testing/fake_stream';
import { member, room } from '../signaling/testing/messages';
import { react, toggleHand } from './gestures';
import { locationChanged } from './location';
import { sendMessage } from './message_actions';
import { joinRoom } from './room_actions';
import { selectCurrentMessages, selectHands, selectParticipants } from './selectors';
import { toggleAudio } from './slices/rtc_connection';
import { createWorld, modeChanged, QUIET, type World } from './testing/fake_backstage';
import { LoopbackWire } from './testing/loopback';

const PEOPLE = ['ada', 'bo'].map((id) => member(id));

/** One page, in a room with the other. */
async function page(id: string, wire: LoopbackWire): Promise<World> {
  const world = createWorld(
    (options) =>
      new CallSession({ ...options, instance: `${id} page`, createSession: wire.createSession }),
  );
  world.signaling.begin({ id });
  world.store.dispatch(locationChanged({ page: 'room', roomId: 'r1' }));
  void world.store.dispatch(joinRoom({ roomId: 'r1', name: id }));
  world.signaling.say({ type: 'room-joined', room: room(PEOPLE, QUIET) });
  await pass();
  return world;
}

const pass = (ms = 100) => vi.advanceTimersByTimeAsync(ms);
const texts = ({ store }: World) => selectCurrentMessages(store.getState()).map(({ text }) => text);
const other = ({ store }: World) => selectParticipants(store.getState())[0];
const shown = ({ store }: World) =>
  store.getState().reactions.shown.map(({ memberId, reaction }) => `${memberId} ${reaction}`);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeStream);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('know of each other, in either mode and on the way from one to the other', async () => {
  const wire = new LoopbackWire();
  const [ada, bo] = [await page('ada', wire), await page('bo', wire)];
  await pass(3_000);
  expect(other(ada)).toMatchObject({ id: 'bo', audioEnabled: true, connectionStatus: 'connected' });

  bo.store.dispatch(toggleAudio());
  bo.store.dispatch(toggleHand());
  ada.store.dispatch(sendMessage('one'));
  ada.store.dispatch(react('👏'));
  await pass();
  expect(other(ada)).toMatchObject({ audioEnabled: false });
  expect(selectHands(ada.store.getState())).toEqual(['bo']);
  expect(texts(bo)).toEqual(['one']);
  expect(shown(bo)).toEqual(['ada 👏']);

  const prepare = {
    type: 'prepare-hand-over',
    roomId: 'r1',
    mode: 'sfu',
    generation: 2,
    reason: 'pinned',
    seconds: 5,
  } as const;
  for (const { signaling } of [ada, bo]) signaling.say(prepare);
  ada.store.dispatch(sendMessage('two'));
  await pass(3_000);
  for (const { signaling } of [ada, bo]) {
    expect(signaling.types()).toContain('hand-over-ready');
    signaling.say(modeChanged({ mode: 'sfu', generation: 2 }));
  }
  ada.store.dispatch(sendMessage('three'));
  bo.store.dispatch(toggleAudio());
  await pass(10_000);
  expect(texts(bo)).toEqual(['one', 'two', 'three']);
  expect(other(ada)).toMatchObject({ audioEnabled: true, connectionStatus: 'connected' });
  expect(ada.store.getState().room).toMatchObject({
    moving: null,
    lastHandOver: { from: 'mesh', to: 'sfu', generation: 2 },
  });
  for (const world of [ada, bo]) world.signaling.say(closed);
});

const closed = { type: 'room-closed', roomId: 'r1', reason: 'closed-by-operator' } as const;
