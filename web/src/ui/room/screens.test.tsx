import { act, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { CaptureState } from '../../media/capture_state';
import { LOCAL } from '../../session/streams';
import { pinParticipant, setLayout } from '../../store';
import { addNotification } from '../../store/slices/dashboard';
import { updateParticipantMedia } from '../../store/slices/participants';
import { setMedia } from '../../store/slices/rtc_connection';
import { LAYOUTS } from '../layout/stage';
import { inCall, participant, show } from '../testing/world';
import { RoomPage } from './room_page';

const ada = participant('ada', { name: 'Ada' });
const bo = participant('bo', { name: 'Bo' });

const call = (others = [ada, bo], capture: Partial<CaptureState> = {}) =>
  show(<RoomPage roomId="harbour" />, { parts: inCall(others), capture });

const shared = () => screen.queryByTestId('screen-tile');
const widthOf = (element: HTMLElement) => parseInt(element.style.width, 10);
const widest = () => Math.max(...screen.getAllByTestId('tile').map(widthOf));
const tilesOf = (id: string) =>
  widthOf(screen.getAllByTestId('tile').find(({ dataset }) => dataset['memberId'] === id)!);
const shares = (id: string, screenSharing: boolean) =>
  updateParticipantMedia({ id, screenSharing });

afterEach(() => vi.restoreAllMocks());

describe('a shared screen', () => {
  it('is larger than anybody, for as long as it is shared', () => {
    const world = call();
    expect(shared()).toBeNull();
    act(() => {
      world.dispatch(pinParticipant('bo'));
      world.dispatch(shares('ada', true));
    });
    expect(shared()?.getAttribute('aria-label')).toBe('Ada’s screen');
    expect(widthOf(shared()!)).toBeGreaterThan(widest());
    expect(screen.getAllByTestId('tile')).toHaveLength(3);
    act(() => world.dispatch(shares('ada', false)));
    expect(shared()).toBeNull();
    expect(tilesOf('ada')).toBe(tilesOf('bo'));
  });

  it('makes way for whom one wants to see, and for nothing else', async () => {
    const world = call([{ ...ada, screenSharing: true }, bo]);
    for (const layout of LAYOUTS) {
      act(() => world.dispatch(setLayout(layout)));
      expect(widthOf(shared()!)).toBeGreaterThan(widest());
    }
    await userEvent.click(screen.getByRole('button', { name: 'Keep Bo large' }));
    expect(widthOf(shared()!)).toBeLessThan(tilesOf('bo'));
    await userEvent.click(screen.getByRole('button', { name: 'Keep Bo large' }));
    expect(widthOf(shared()!)).toBeGreaterThan(widest());
  });

  it('makes way for another that one chooses, until that ends', async () => {
    const world = call([
      { ...ada, screenSharing: true },
      { ...bo, screenSharing: true },
    ]);
    const widths = () => screen.getAllByTestId('screen-tile').map(widthOf);
    const [first, second] = widths();
    expect(first).toBeGreaterThan(second!);
    await userEvent.click(screen.getByRole('button', { name: 'Keep Bo’s screen large' }));
    expect(widths()).toEqual([second, first]);
    act(() => world.dispatch(shares('bo', false)));
    expect(world.state().participants.selectedParticipantId).toBeNull();
    expect(widths()).toEqual([first]);
  });

  it('is asked for in the size in which it is shown', () => {
    const world = call([{ ...ada, screenSharing: true }]);
    const told = vi.fn();
    world.views.replay(told);
    expect(told).toHaveBeenCalledWith('ada', 'screen', parseInt(shared()!.style.height, 10));
  });

  it('is heard as well', () => {
    call([{ ...ada, screenSharing: true }, bo]);
    expect(document.querySelectorAll('audio')).toHaveLength(3);
  });

  it('of one’s own is not large: one sees it anyway', () => {
    const world = call();
    act(() => world.streams.set(LOCAL, 'screen', new MediaStream()));
    expect(shared()?.textContent).toBe('Your screen');
    expect(shared()?.dataset['self']).toBe('true');
    expect(widthOf(shared()!)).toBe(widest());
    act(() => world.streams.set(LOCAL, 'screen', null));
    expect(shared()).toBeNull();
  });
});

describe('the button', () => {
  it('shares and stops, and follows what the browser stops', async () => {
    const world = call();
    const button = screen.getByRole('button', { name: 'Share screen' });
    await userEvent.click(button);
    expect(world.state().rtcConnection.screenSharing).toBe(true);
    expect(button.getAttribute('aria-pressed')).toBe('true');
    expect(button.dataset['tip']).toBe('Stop sharing');
    act(() => world.dispatch(setMedia({ screenSharing: false })));
    expect(button.getAttribute('aria-pressed')).toBe('false');
  });

  it('is not there where the browser cannot', () => {
    call([ada], { canShareScreen: false });
    expect(screen.queryByTestId('share-screen')).toBeNull();
  });

  it('is not there on a phone', () => {
    const matchMedia = (query: string) =>
      ({
        matches: !query.includes('fine'),
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
      }) as unknown as MediaQueryList;
    vi.spyOn(window, 'matchMedia').mockImplementation(matchMedia);
    call([ada]);
    expect(screen.queryByTestId('share-screen')).toBeNull();
  });

  it('has its failure told in words', () => {
    const world = call();
    const values = { reason: 'in-use' };
    act(() => world.dispatch(addNotification({ code: 'screen-failed', values })));
    expect(screen.getByTestId('notice').textContent).toMatch('does not let the browser see');
    act(() => world.dispatch(addNotification({ code: 'screen-failed', values: { reason: '?' } })));
    expect(screen.getAllByTestId('notice')[1]?.textContent).toMatch('Try again');
  });
});
