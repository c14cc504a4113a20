import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it, vi } from 'vitest';

import type { Request } from '../../signaling/port';
import { RequestError } from '../../signaling/port';
import type { Room } from '../../signaling/protocol';
import { handedOver, handOverBegan, modeChanged, wayChanged } from '../../store/slices/room';
import { updateConnectionStatus } from '../../store/slices/rtc_connection';
import { inCall, participant, show, type Parts } from '../testing/world';
import { RoomPage } from './room_page';

const ada = participant('ada', { name: 'Ada' });
const bo = participant('bo', { name: 'Bo' });

const COURSE = {
  mode: 'mesh',
  generation: 1,
  reason: 'small-room',
  strained: false,
  prewarm: false,
  pins: [],
  unreachable: [],
  core: null,
  ticket: '',
} as const;

type Course = Parameters<typeof modeChanged>[0];

const changed = (parts: Partial<Course>) =>
  modeChanged({ ...COURSE, pins: [], ...parts } as Course);

/** In a call, on a server that forwards media. */
function call(parts: Partial<Room> = {}, backstage?: object) {
  const state: Parts = inCall([ada, bo], parts);
  const { signaling } = state.rtcConnection!;
  const features = { legacyDirect: false, resume: true, sfu: true };
  const rtcConnection = {
    ...state.rtcConnection,
    signaling: { ...signaling!, status: 'connected' as const, memberId: 'me', features },
  };
  return show(<RoomPage roomId="harbour" />, {
    parts: { ...state, rtcConnection },
    ...(backstage && { backstage }),
  });
}

async function details(): Promise<HTMLElement> {
  await userEvent.click(screen.getByTestId('mode-badge'));
  return screen.getByTestId('course');
}

async function violations(): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false } };
  const { violations: found } = await axe.run(document.body, { rules });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe('the details', () => {
  it('say why media travels so, also for reasons of a newer server', async () => {
    const world = call({ reason: 'outgrew-mesh', mode: 'sfu' });
    const course = await details();
    expect(course.textContent).toMatch('too many people here');
    act(() => world.dispatch(changed({ reason: 'full-moon' })));
    expect(course.textContent).toMatch('full-moon');
  });

  it('name who holds the room where it is, and who cannot reach the server', async () => {
    call({
      reason: 'pinned',
      host: 'ada',
      pins: [
        { mode: 'mesh', reason: 'plain-client', member: 'bo' },
        { mode: 'mesh', reason: 'host', member: 'ada' },
      ],
      unreachable: ['bo', 'me', 'gone'],
    });
    const { textContent } = await details();
    expect(textContent).toMatch('Bo uses a program that takes part only peer to peer.');
    expect(textContent).toMatch('Ada, the host, wants it always peer to peer.');
    expect(textContent).toMatch('Cannot reach the server: Bo, You, Somebody.');
  });

  it('remember the last hand-over', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const world = call({ mode: 'sfu', generation: 2 });
    const at = Date.now() - 12_000;
    const handOver = { from: 'mesh', to: 'sfu', generation: 2, gap: 39.6, took: 800, at } as const;
    act(() => world.dispatch(handedOver(handOver)));
    await details();
    const words = () => screen.getByTestId('last-hand-over').textContent;
    expect(words()).toMatch(
      /^To the server, 1[2-4] s ago: no picture stood still for more than 40 ms\.$/,
    );
    act(() => {
      vi.advanceTimersByTime(60_000);
    });
    expect(words()).toMatch('1 min ago');
    act(() => world.dispatch(handedOver({ ...handOver, to: 'mesh', gap: null })));
    expect(words()).toMatch(/^To peer to peer, .* there was no moving picture/);
    vi.useRealTimers();
  });
});

describe('the badge', () => {
  it('shows quietly that a hand-over is under way', () => {
    const world = call();
    const badge = screen.getByTestId('mode-badge');
    expect(badge.dataset['moving']).toBe('false');
    const began = { mode: 'sfu', generation: 2, reason: 'outgrew-mesh', seconds: 5 } as const;
    act(() => world.dispatch(handOverBegan(began)));
    expect(badge.dataset).toMatchObject({ moving: 'true', mode: 'mesh' });
    expect(badge.getAttribute('aria-label')).toMatch('changing to: Through the server');
    act(() => world.dispatch(changed({ mode: 'sfu', generation: 2 })));
    expect(badge.dataset).toMatchObject({ moving: 'false', mode: 'sfu' });
    expect(screen.queryByTestId('notice')).toBeNull();
  });
});

describe('the host', () => {
  /** A server that lets the test answer. */
  function answering() {
    const asked: Request[] = [];
    let settle: (error?: RequestError) => void = () => undefined;
    const request = (one: Request) => {
      asked.push(one);
      return new Promise<void>((resolve, reject) => {
        settle = (error) => (error ? reject(error) : resolve());
      });
    };
    return {
      asked,
      backstage: { signaling: { request } },
      settle: (e?: RequestError) => settle(e),
    };
  }

  it('decides how media travels', async () => {
    const { asked, backstage, settle } = answering();
    const world = call({}, backstage);
    await details();
    const option = (name: string) => screen.getByRole<HTMLInputElement>('radio', { name });
    expect(option('The server decides').checked).toBe(true);
    await userEvent.click(option('Always through the server'));
    expect(asked).toEqual([{ type: 'pin-mode', roomId: 'harbour', mode: 'sfu' }]);
    expect(option('Always through the server').checked).toBe(true);
    const pins = [{ mode: 'sfu' as const, reason: 'host' as const, member: 'me' }];
    await act(async () => {
      world.dispatch(changed({ pins }));
      settle();
      await Promise.resolve();
    });
    expect(option('Always through the server').checked).toBe(true);
    expect(screen.getByTestId('course').textContent).toMatch('You, the host, want it always');
    await userEvent.click(option('The server decides'));
    expect(asked.at(-1)).toMatchObject({ mode: null });
  });

  it('is told why not', async () => {
    const { backstage, settle } = answering();
    call({}, backstage);
    await details();
    const mesh = screen.getByRole<HTMLInputElement>('radio', { name: 'Always peer to peer' });
    await userEvent.click(mesh);
    await act(async () => {
      settle(new RequestError('room-full', 'no'));
      await Promise.resolve();
    });
    expect((await screen.findByTestId('pin-error')).textContent).toMatch('too many people');
    expect(mesh.checked).toBe(false);
    expect(await violations()).toEqual([]);
  });

  it('is the only one to decide, and only where there is something to decide', async () => {
    call({ host: 'ada' });
    expect(within(await details()).queryByRole('radio')).toBeNull();
  });
});

describe('a lost media server', () => {
  it('is explained to those who are still connected, and to the others', async () => {
    const world = call();
    act(() => world.dispatch(changed({ generation: 2, reason: 'sfu-lost', core: ['me', 'ada'] })));
    expect(screen.getByTestId('core-hint').textContent).toMatch(
      'The latest speakers are connected by voice; pictures come back with the server.',
    );
    act(() => {
      world.dispatch(updateConnectionStatus({ peerId: 'bo', phase: 'disconnected' }));
    });
    const status = () =>
      screen.getAllByTestId('tile').map(({ dataset }) => [dataset['memberId'], dataset['status']]);
    expect(status()).toEqual([
      ['me', 'connected'],
      ['ada', 'connected'],
      ['bo', 'apart'],
    ]);
    expect(await violations()).toEqual([]);
    act(() => world.dispatch(changed({ generation: 3, reason: 'sfu-lost', core: ['ada', 'bo'] })));
    expect(screen.getByTestId('core-hint').textContent).toMatch('you hear them again');
    await userEvent.click(
      within(screen.getByTestId('core-hint')).getByRole('button', { name: 'Dismiss' }),
    );
    expect(screen.queryByTestId('core-hint')).toBeNull();
    act(() => world.dispatch(changed({ mode: 'sfu', generation: 4 })));
    act(() => world.dispatch(changed({ generation: 5, core: ['ada', 'bo'] })));
    expect(screen.getByTestId('core-hint')).toBeTruthy();
  });
});

describe('a network that does not let us through', () => {
  it('is explained to whom it concerns', () => {
    const world = call();
    act(() => world.dispatch(changed({ unreachable: ['bo'] })));
    expect(screen.queryByTestId('unreachable-hint')).toBeNull();
    act(() => world.dispatch(changed({ unreachable: ['me'], reason: 'member-unreachable' })));
    expect(screen.getByTestId('unreachable-hint').textContent).toMatch('stays peer to peer');
    act(() => world.dispatch(changed({ mode: 'sfu', generation: 2, unreachable: ['me'] })));
    expect(screen.getByTestId('unreachable-hint').textContent).toMatch('we keep trying');
    act(() => world.dispatch(changed({ mode: 'sfu', generation: 2 })));
    expect(screen.queryByTestId('unreachable-hint')).toBeNull();
    act(() => world.dispatch(wayChanged({ mode: 'sfu', health: 'failed' })));
    expect(screen.getByTestId('unreachable-hint').textContent).toMatch('do not get through');
    act(() => world.dispatch(wayChanged({ mode: 'sfu', health: 'ready' })));
    expect(screen.queryByTestId('unreachable-hint')).toBeNull();
  });
});
