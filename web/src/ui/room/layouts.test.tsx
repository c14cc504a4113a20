import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { RootState } from '../../store';
import { removeParticipant, tookFloor } from '../../store/slices/participants';
import { inCall, participant, show, type World } from '../testing/world';
import { RoomPage } from './room_page';

const crowd = (count: number) =>
  Array.from({ length: count }, (_, index) => participant(`p${index}`, { name: `Peer ${index}` }));

const call = (count: number, layout: RootState['stage']['layout'] = 'grid') =>
  show(<RoomPage roomId="harbour" />, { parts: { ...inCall(crowd(count)), stage: { layout } } });

const shown = () =>
  screen
    .getAllByTestId('tile')
    .map(({ dataset }) => dataset['memberId'])
    .filter((id) => id !== 'me');
const widthOf = (element: HTMLElement) => parseInt(element.style.width, 10);
const large = () =>
  screen.getAllByTestId('tile').sort((a, b) => widthOf(b) - widthOf(a))[0]?.dataset['memberId'];
const pin = (name: string) => screen.getByRole('button', { name: `Keep ${name} large` });

/** Somebody speaks for so long, all others being silent. */
function speaks(world: World, id: string, milliseconds: number): void {
  act(() => world.dispatch(tookFloor(id)));
  for (let time = 0; time < milliseconds; time += 100) {
    act(() => {
      for (const { id: each } of world.state().participants.list) {
        world.levels.set(each, each === id ? 0.8 : 0, performance.now());
      }
      vi.advanceTimersByTime(100);
    });
  }
}

afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
});

describe('the layout', () => {
  it('is chosen in a menu, or with a key, and remembered', async () => {
    const world = call(3);
    await userEvent.click(screen.getByTestId('open-layout'));
    const items = screen.getAllByRole('menuitemradio');
    expect(items.map((item) => item.getAttribute('aria-checked'))).toEqual([
      'true',
      'false',
      'false',
    ]);
    await userEvent.click(items[1]!);
    expect(large()).toBe('p0');
    await userEvent.keyboard('g');
    expect(world.state().stage.layout).toBe('stage');
    expect(screen.getByText(/Layout is now Stage/)).toBeTruthy();
    expect(localStorage.getItem('crossover:layout')).toBe('stage');
  });

  it('is as it was chosen the last time', () => {
    localStorage.setItem('crossover:layout', 'speaker');
    expect(call(3).state().stage.layout).toBe('speaker');
  });

  it('is not whatever somebody has written there', () => {
    localStorage.setItem('crossover:layout', 'upside-down');
    expect(call(3).state().stage.layout).toBe('grid');
  });
});

describe('who is large', () => {
  it('speaks, and changes only when somebody else speaks for a while', () => {
    vi.useFakeTimers();
    const world = call(4, 'speaker');
    speaks(world, 'p2', 1_000);
    expect(large()).toBe('p2');
    speaks(world, 'p3', 1_000);
    expect(large()).toBe('p2');
    speaks(world, 'p3', 2_500);
    expect(large()).toBe('p3');
  });

  it('changes places with who was, and nobody else moves', () => {
    vi.useFakeTimers();
    const world = call(5, 'speaker');
    const places = () =>
      new Map(
        screen
          .getAllByTestId('tile')
          .map(({ dataset, style }) => [dataset['memberId'], style.transform]),
      );
    const before = places();
    speaks(world, 'p3', 1_000);
    const after = places();
    expect(after.get('p0')).toBe(before.get('p3'));
    expect(after.get('p3')).toBe(before.get('p0'));
    for (const id of ['p1', 'p2', 'p4', 'me']) expect(after.get(id)).toBe(before.get(id));
  });

  it('is whom one pins, in every layout, until one unpins or they leave', async () => {
    const world = call(4);
    await userEvent.click(pin('Peer 2'));
    expect(large()).toBe('p2');
    expect(pin('Peer 2').getAttribute('aria-pressed')).toBe('true');
    await userEvent.keyboard('gg');
    expect(large()).toBe('p2');
    pin('Peer 1').focus();
    await userEvent.keyboard('{Enter}');
    expect(large()).toBe('p1');
    await userEvent.keyboard('{Escape}');
    expect(world.state().participants.selectedParticipantId).toBeNull();
    await userEvent.click(pin('Peer 3'));
    act(() => world.dispatch(removeParticipant('p3')));
    expect(large()).toBe('p0');
  });
});

describe('a crowd', () => {
  it('has pages, and who is on another is not asked for', async () => {
    const world = call(24);
    expect(shown()).toHaveLength(16);
    const first = shown();
    const told = new Map<string, number>();
    world.views.subscribe((id, _source, height) => told.set(id, height));
    expect([...told].filter(([, height]) => height === 0)).toHaveLength(8);
    const pager = within(screen.getByTestId('pager'));
    expect(pager.getByText('1 / 2')).toBeTruthy();
    await userEvent.click(pager.getByTestId('next-page'));
    expect(shown()).toHaveLength(8);
    expect(shown().some((id) => first.includes(id))).toBe(false);
  });

  it('lets who speaks come to the first page, in one place', () => {
    vi.useFakeTimers();
    const world = call(24);
    const before = shown();
    speaks(world, 'p20', 1_000);
    const after = shown();
    expect(after).toContain('p20');
    expect(after.filter((id) => !before.includes(id))).toEqual(['p20']);
    expect(before.filter((id) => !after.includes(id))).toEqual(['p15']);
  });

  it('lets nobody move on a page that one has turned to', async () => {
    const world = call(24);
    await userEvent.click(screen.getByTestId('next-page'));
    const before = shown();
    vi.useFakeTimers();
    speaks(world, 'p2', 1_000);
    speaks(world, 'p20', 1_000);
    expect(shown()).toEqual(before);
  });

  it('goes back to a page there is when people leave', async () => {
    const world = call(24);
    await userEvent.click(screen.getByTestId('next-page'));
    act(() => {
      for (let index = 0; index < 12; index += 1) world.dispatch(removeParticipant(`p${index}`));
    });
    expect(shown()).toHaveLength(12);
    expect(screen.queryByTestId('pager')).toBeNull();
  });

  it('is named where only a few are shown', async () => {
    call(24, 'stage');
    expect(shown()).toHaveLength(4);
    await userEvent.click(screen.getByRole('button', { name: '20 more people' }));
    expect(screen.getAllByTestId('person')).toHaveLength(25);
  });
});
