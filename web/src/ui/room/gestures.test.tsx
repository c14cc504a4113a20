import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';

import { updateParticipantStatus } from '../../store/slices/participants';
import { reactionFaded, reactionShown } from '../../store/slices/reactions';
import { inCall, participant, show } from '../testing/world';
import { RoomPage } from './room_page';

const ada = participant('ada', { name: 'Ada' });
const bo = participant('bo', { name: 'Bo' });

const call = () => show(<RoomPage roomId="harbour" />, { parts: inCall([ada, bo]) });

const tile = (id: string) =>
  screen.getAllByTestId('tile').find(({ dataset }) => dataset['memberId'] === id)!;

async function violations(): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false } };
  const { violations: found } = await axe.run(document.body, { rules });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Opens the gestures, wherever there is room for them. */
async function gestures() {
  const button = screen.queryByTestId('open-reactions') ?? screen.getByTestId('open-more');
  await userEvent.click(button);
  return screen.getByRole('group', { name: 'Reactions' });
}

describe('reactions', () => {
  it('are six buttons, which give the focus back', async () => {
    const world = call();
    const group = await gestures();
    const button = within(group).getByRole('button', { name: 'applause' });
    expect(within(group).getAllByRole('button')).toHaveLength(7);
    expect(await violations()).toEqual([]);
    await userEvent.click(button);
    expect(world.actions).toContain('gestures/react');
    expect(screen.queryByRole('group', { name: 'Reactions' })).toBeNull();
  });

  it('are over the picture, and read out', () => {
    const world = call();
    const announced = () => screen.getByTestId('reaction-announcer').textContent;
    act(() => world.dispatch(reactionShown('ada', '🎉')));
    expect(within(tile('ada')).getByTestId('reaction').textContent).toBe('🎉');
    expect(within(tile('bo')).queryByTestId('reaction')).toBeNull();
    expect(announced()).toBe('Ada: cheers');
    act(() => world.dispatch(reactionShown('me', '👍')));
    expect(announced()).toBe('You: thumbs up');
    for (const { id } of world.state().reactions.shown) {
      act(() => world.dispatch(reactionFaded(id)));
    }
    expect(screen.queryByTestId('reaction')).toBeNull();
    expect(announced()).toBe('');
  });
});

describe('a raised hand', () => {
  it('is on the tile and first among the people', async () => {
    const world = call();
    act(() => {
      world.dispatch(updateParticipantStatus({ id: 'bo', raisedAt: 1_000 }));
      world.dispatch(updateParticipantStatus({ id: 'ada', raisedAt: 2_000 }));
    });
    expect(within(tile('bo')).getByTestId('hand').dataset['place']).toBe('1');
    expect(tile('ada').getAttribute('aria-label')).toMatch('hand up');
    await userEvent.click(screen.getByTestId('open-people'));
    const people = () => screen.getAllByTestId('person').map(({ dataset }) => dataset['memberId']);
    expect(people()).toEqual(['bo', 'ada', 'me']);
    expect(await violations()).toEqual([]);
    act(() => world.dispatch(updateParticipantStatus({ id: 'bo', raisedAt: null })));
    expect(people()).toEqual(['ada', 'me', 'bo']);
    expect(within(tile('bo')).queryByTestId('hand')).toBeNull();
  });

  it('goes up and down with a button or a key', async () => {
    call();
    await gestures();
    await userEvent.click(screen.getByTestId('raise-hand'));
    expect(within(tile('me')).getByTestId('hand').dataset['place']).toBe('1');
    await gestures();
    expect(screen.getByTestId('raise-hand').textContent).toBe('Lower hand');
    await userEvent.keyboard('{Escape}');
    await userEvent.keyboard('h');
    expect(within(tile('me')).queryByTestId('hand')).toBeNull();
  });
});
