import { act, cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { addParticipant } from '../../store/slices/participants';
import { inCall, participant, show } from '../testing/world';
import { RoomPage } from './room_page';

const ada = participant('ada', { name: 'Ada' });

describe('the way media travels', () => {
  it('is a word beside the connection, and a press tells more', async () => {
    show(<RoomPage roomId="harbour" />, { parts: inCall([ada], { mode: 'sfu' }) });
    const badge = screen.getByTestId('mode-badge');
    expect(badge.textContent).toBe('SFU');
    expect(badge.getAttribute('aria-label')).toMatch('Through the server');
    await userEvent.click(badge);
    expect(screen.getByRole('tabpanel').textContent).toMatch('Through the server');
  });
});

describe('tiles', () => {
  it('tell how large they are shown, and when they are gone', () => {
    vi.useFakeTimers();
    const world = show(<RoomPage roomId="harbour" />, { parts: inCall([ada]) });
    const told: Record<string, number[]> = {};
    world.views.subscribe((id, _source, height) => (told[id] ??= []).push(height));
    expect(Object.keys(told)).toEqual(['ada']);
    act(() => {
      for (const id of ['bo', 'cleo', 'dee']) world.dispatch(addParticipant(participant(id)));
    });
    const [alone = 0, among = 0] = told['ada'] ?? [];
    expect(among).toBeLessThan(alone);
    expect(among).toBe(told['bo']?.[0]);
    cleanup();
    vi.advanceTimersByTime(2_000);
    expect(Object.values(told).map((heights) => heights.at(-1))).toEqual([0, 0, 0, 0]);
    vi.useRealTimers();
  });
});
