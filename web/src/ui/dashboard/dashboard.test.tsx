import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { show, stateWith, summary } from '../testing/world';
import { Dashboard } from './dashboard';

const rooms = { list: [summary('a', { name: 'Design' }), summary('b', { name: 'Coffee' })] };

/** A server that answers with what it is given, by the request's type. */
function serverWith(answers: Record<string, unknown>) {
  const request = vi.fn(({ type }: { type: string }) =>
    type in answers ? Promise.resolve(answers[type]) : new Promise(() => undefined),
  );
  const nothing = () => undefined;
  return {
    request,
    backstage: {
      signaling: { request, send: nothing, connect: nothing, disconnect: nothing },
      membership: { wish: null, want: nothing, wantNew: nothing, forget: nothing },
      instance: 'page',
    },
  };
}

describe('a new room', () => {
  it('is one click for whoever has a name, and is called after them', async () => {
    const { request, backstage } = serverWith({ 'create-room': { room: { id: 'abc' } } });
    const world = show(<Dashboard />, { backstage });
    await userEvent.type(screen.getByTestId('name'), ' Ada ');
    await userEvent.click(screen.getByTestId('new-room'));
    expect(request).toHaveBeenCalledWith(
      expect.objectContaining({
        type: 'create-room',
        payload: expect.objectContaining({ name: 'Ada’s room', memberName: 'Ada' }) as object,
      }),
    );
    expect(world.state().auth.user?.name).toBe('Ada');
    expect(window.location.pathname).toBe('/r/abc');
    window.history.replaceState(null, '', '/');
  });

  it('asks for a name first, and puts the cursor there', async () => {
    const { request, backstage } = serverWith({});
    show(<Dashboard />, { backstage });
    await userEvent.click(screen.getByTestId('new-room'));
    expect(screen.getByTestId('error').textContent).toMatch('who you are');
    expect(document.activeElement).toBe(screen.getByTestId('name'));
    expect(request).not.toHaveBeenCalledWith(expect.objectContaining({ type: 'create-room' }));
  });
});

describe('how media travels', () => {
  const signaling = (sfu: boolean) => ({
    rtcConnection: {
      signaling: {
        ...stateWith().rtcConnection.signaling,
        features: { legacyDirect: false, resume: true, sfu },
      },
    },
  });

  it('is asked where the server has a choice', async () => {
    const { request, backstage } = serverWith({});
    show(<Dashboard />, { backstage, parts: signaling(true) });
    await userEvent.type(screen.getByTestId('name'), 'Ada');
    await userEvent.click(screen.getByText('Options'));
    await userEvent.click(screen.getByRole('combobox', { name: /How media travels/ }));
    await userEvent.click(screen.getByRole('option', { name: /Through the server/ }));
    await userEvent.click(screen.getByTestId('new-room'));
    expect(request).toHaveBeenCalledWith(
      expect.objectContaining({
        type: 'create-room',
        payload: expect.objectContaining({ mode: 'sfu' }) as object,
      }),
    );
  });

  it('is nobody’s business where it has none', async () => {
    show(<Dashboard />, { parts: signaling(false) });
    await userEvent.click(screen.getByText('Options'));
    expect(screen.queryByRole('combobox', { name: /How media travels/ })).toBeNull();
  });
});

describe('joining by code', () => {
  it('takes a whole link', async () => {
    const world = show(<Dashboard />);
    await userEvent.type(screen.getByTestId('join-code'), 'https://x.example/r/blue-sky{Enter}');
    expect(world.state().room.currentRoomId).toBe('blue-sky');
    window.history.replaceState(null, '', '/');
  });

  it('says what is wrong with anything else', async () => {
    show(<Dashboard />);
    await userEvent.type(screen.getByTestId('join-code'), 'not a code{Enter}');
    expect(screen.getByTestId('error').textContent).toMatch('does not look like');
  });
});

describe('the list of rooms', () => {
  it('shows a card per room and narrows with the search', async () => {
    show(<Dashboard />, { parts: { room: rooms } });
    expect(screen.getAllByTestId('room-card')).toHaveLength(2);
    await userEvent.type(screen.getByTestId('room-search'), 'cof');
    expect(screen.getAllByTestId('room-card')).toHaveLength(1);
    await userEvent.type(screen.getByTestId('room-search'), 'x');
    expect(await screen.findByText(/No room matches “cofx”/)).toBeTruthy();
  });

  it('sorts with the keyboard', async () => {
    const world = show(<Dashboard />, { parts: { room: rooms } });
    screen.getByRole('combobox', { name: 'Sort by' }).focus();
    await userEvent.keyboard('{ArrowDown}{End}{Enter}');
    expect(world.state().room.filter.sortBy).toBe('name');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('says what to do when there are none', async () => {
    const { backstage } = serverWith({ 'list-rooms': {} });
    show(<Dashboard />, { backstage });
    expect(await screen.findByText('No open rooms right now')).toBeTruthy();
  });

  it('says that the server cannot be reached', () => {
    const { rtcConnection } = stateWith();
    const signaling = { ...rtcConnection.signaling, status: 'disconnected' as const };
    show(<Dashboard />, { parts: { rtcConnection: { signaling } } });
    expect(screen.getByTestId('error').dataset['code']).toBe('offline');
    expect(screen.getByRole('button', { name: 'Connect' })).toBeTruthy();
  });
});
