import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { PictureLimit } from '../../session/media_session';
import { pictureLimited, updateConnectionStats } from '../../store/slices/rtc_connection';
import { inCall, participant, show, statistics, type World } from '../testing/world';
import { RoomPage } from './room_page';

const people = ['ada', 'bo'].map((id) => participant(id, { name: id === 'ada' ? 'Ada' : 'Bo' }));
const call = () => show(<RoomPage roomId="harbour" />, { parts: inCall(people, { mode: 'sfu' }) });

const tile = (id: string) =>
  screen.getAllByTestId('tile').find(({ dataset }) => dataset['memberId'] === id)!;

function limit(world: World, peerId: string, given: PictureLimit | null): void {
  act(() => world.dispatch(pictureLimited({ peerId, source: 'camera', limit: given })));
}

function uplink(world: World, limitedBy: 'none' | 'bandwidth'): void {
  const stats = statistics({ limitedBy });
  act(() => world.dispatch(updateConnectionStats({ peerId: 'ada', stats })));
}

function pass(milliseconds: number): void {
  act(() => {
    vi.advanceTimersByTime(milliseconds);
  });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a picture that does not come', () => {
  it.each([
    ['bandwidth', 'Picture paused: your connection is weak'],
    ['publisher', 'Picture paused: their connection is weak'],
  ] as const)('for want of %s says so on its tile', (by, words) => {
    const world = call();
    limit(world, 'ada', { by, paused: true });
    expect(screen.queryByTestId('paused')).toBeNull();
    pass(1_000);
    expect(within(tile('ada')).getByTestId('paused').textContent).toBe(words);
    expect(tile('ada').getAttribute('aria-label')).toBe(`Ada, microphone on, ${words}`);
    expect(tile('ada').dataset['paused']).toBe('true');
    expect(tile('bo').dataset['paused']).toBe('false');
    limit(world, 'ada', null);
    expect(tile('ada').dataset['paused']).toBe('false');
  });

  it('says nothing when it is only smaller, or gone for a moment', () => {
    const world = call();
    limit(world, 'ada', { by: 'bandwidth', paused: false });
    pass(10_000);
    limit(world, 'ada', { by: 'bandwidth', paused: true });
    pass(500);
    limit(world, 'ada', null);
    pass(10_000);
    expect(screen.queryByTestId('paused')).toBeNull();
  });

  it('is explained behind the signal bars', async () => {
    const world = call();
    limit(world, 'ada', { by: 'bandwidth', paused: false });
    pass(2_500);
    vi.useRealTimers();
    const bars = within(tile('ada')).getByRole('button', { name: /^Signal fair/ });
    await userEvent.click(bars);
    const shown = within(tile('ada'));
    expect(shown.getByRole('heading', { name: 'Connection of Ada' })).toBeTruthy();
    expect(shown.getByText(/so this picture is smaller/)).toBeTruthy();
    expect(shown.getByText(/held back by your connection/)).toBeTruthy();
    expect(within(tile('bo')).queryByRole('button', { name: /^Signal/ })).toBeNull();
  });
});

describe('our own network', () => {
  it('is said to be weak once, however many pictures wait', () => {
    const world = call();
    for (const id of ['ada', 'bo']) limit(world, id, { by: 'bandwidth', paused: true });
    pass(4_000);
    expect(screen.getByTestId('weak-downlink').getAttribute('role')).toBe('status');
    pass(12_000);
    expect(screen.queryByTestId('weak-downlink')).toBeNull();
    limit(world, 'ada', null);
    limit(world, 'ada', { by: 'bandwidth', paused: true });
    pass(30_000);
    expect(screen.queryByTestId('weak-downlink')).toBeNull();
  });

  it('is not blamed for theirs', () => {
    const world = call();
    limit(world, 'ada', { by: 'publisher', paused: true });
    pass(10_000);
    expect(screen.queryByTestId('weak-downlink')).toBeNull();
  });

  it('is said to hold our picture back when it lasts, and again only when it was well for long', () => {
    const world = call();
    uplink(world, 'bandwidth');
    pass(9_000);
    expect(screen.queryByTestId('weak-uplink')).toBeNull();
    pass(1_000);
    expect(screen.getByTestId('weak-uplink')).toBeTruthy();
    pass(12_000);
    for (const well of [20_000, 60_000]) {
      expect(screen.queryByTestId('weak-uplink')).toBeNull();
      uplink(world, 'none');
      pass(well);
      uplink(world, 'bandwidth');
      pass(10_000);
    }
    expect(screen.getByTestId('weak-uplink')).toBeTruthy();
  });
});
