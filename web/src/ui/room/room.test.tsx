import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { ChatEntry } from '../../store';
import { roomLeft } from '../../store/room_actions';
import { addNotification } from '../../store/slices/dashboard';
import { addParticipant, removeParticipant } from '../../store/slices/participants';
import { signalingChanged, updateConnectionStatus } from '../../store/slices/rtc_connection';
import { connection, inCall, participant, show, type Parts } from '../testing/world';
import { RoomPage } from './room_page';

const ada = participant('ada', { name: 'Ada' });
const bo = participant('bo', { name: 'Bo', audioEnabled: false, videoEnabled: false });

function entry(order: number | null, parts: Partial<ChatEntry> = {}): ChatEntry {
  return {
    key: `k${order ?? 'new'}`,
    roomId: 'harbour',
    from: 'ada',
    name: 'Ada',
    text: 'Hello',
    sentAt: '2026-01-01T10:00:00Z',
    nonce: null,
    messageId: null,
    order,
    epoch: 0,
    status: 'delivered',
    own: false,
    ...parts,
  };
}

const call = (parts: Parts = {}) =>
  show(<RoomPage roomId="harbour" />, { parts: { ...inCall([ada, bo]), ...parts } });

const tile = (id: string) =>
  screen.getAllByTestId('tile').find(({ dataset }) => dataset['memberId'] === id)!;

describe('the stage', () => {
  it('has a tile for everybody, one’s own in a corner', () => {
    call();
    expect(screen.getAllByTestId('tile')).toHaveLength(3);
    expect(tile('me').dataset).toMatchObject({ self: 'true', floating: 'true' });
    expect(tile('bo').getAttribute('aria-label')).toBe('Bo, microphone off');
    expect(within(tile('bo')).getByText('B')).toBeTruthy();
  });

  it('never mounts a tile anew while the person is there', () => {
    const world = call();
    const before = ['me', 'ada', 'bo'].map(tile);
    act(() => {
      world.dispatch(updateConnectionStatus({ peerId: 'ada', phase: 'reconnecting' }));
      world.dispatch(addParticipant(participant('cleo')));
      world.dispatch(addParticipant({ ...ada, name: 'Ada L.', joinedAt: '2026-01-02T00:00:00Z' }));
    });
    expect(tile('ada').dataset['status']).toBe('reconnecting');
    act(() => {
      world.dispatch(removeParticipant('cleo'));
      world.dispatch(updateConnectionStatus({ peerId: 'ada', phase: 'active' }));
    });
    expect(['me', 'ada', 'bo'].map(tile)).toEqual(before);
    expect(screen.getAllByTestId('tile').map(({ dataset }) => dataset['memberId'])).toEqual([
      'me',
      'ada',
      'bo',
    ]);
  });

  it('shows who speaks', () => {
    const world = call();
    act(() => {
      world.levels.set('ada', 0.8, 1000);
    });
    expect(tile('ada').dataset['speaking']).toBe('true');
    expect(tile('bo').dataset['speaking']).toBe('false');
  });

  it('invites others while one is alone', () => {
    show(<RoomPage roomId="harbour" />, { parts: inCall([]) });
    expect(screen.getByText('You are the only one here')).toBeTruthy();
    expect(screen.getByTestId('copy-link')).toBeTruthy();
  });
});

describe('one’s own tile', () => {
  it('goes from corner to corner without a mouse', async () => {
    call();
    const before = tile('me').style.transform;
    const move = within(tile('me')).getByRole('button', { name: /another corner/ });
    await userEvent.click(move);
    expect(tile('me').style.transform).not.toBe(before);
    await userEvent.click(move);
    await userEvent.click(move);
    await userEvent.click(move);
    expect(tile('me').style.transform).toBe(before);
  });
});

describe('sound', () => {
  it('asks for a gesture where the browser waits for one', async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play');
    play.mockRejectedValue(new DOMException('', 'NotAllowedError'));
    const world = call();
    await act(async () => {
      world.streams.set('ada', 'camera', new MediaStream());
      await Promise.resolve();
    });
    play.mockResolvedValue();
    const before = play.mock.calls.length;
    await userEvent.click(await screen.findByRole('button', { name: 'Turn sound on' }));
    expect(play.mock.calls.length).toBeGreaterThan(before);
    expect(screen.queryByRole('button', { name: 'Turn sound on' })).toBeNull();
  });
});

describe('keys', () => {
  it('switch the microphone, the camera, panels and the layout', async () => {
    const world = call();
    await userEvent.keyboard('m');
    await userEvent.keyboard('v');
    expect(world.state().rtcConnection).toMatchObject({ audioEnabled: false, videoEnabled: false });
    await userEvent.keyboard('p');
    expect(screen.getAllByTestId('person')).toHaveLength(3);
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('person')).toBeNull();
    await userEvent.keyboard('g');
    expect(world.state().stage.layout).toBe('speaker');
    await userEvent.keyboard('?');
    expect(screen.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
  });

  it('are letters while one writes', async () => {
    const world = call();
    await userEvent.keyboard('c');
    const input = screen.getByTestId<HTMLTextAreaElement>('chat-input');
    expect(document.activeElement).toBe(input);
    await userEvent.keyboard('move v');
    expect(input.value).toBe('move v');
    expect(world.state().rtcConnection).toMatchObject({ audioEnabled: true, videoEnabled: true });
  });

  it('let one talk while the space bar is held', async () => {
    const world = call();
    const keys = userEvent.setup();
    await keys.keyboard('m');
    await keys.keyboard('{ >}');
    expect(world.state().rtcConnection.audioEnabled).toBe(true);
    expect(screen.getByText(/while you hold the key/)).toBeTruthy();
    await keys.keyboard('{/ }');
    expect(world.state().rtcConnection.audioEnabled).toBe(false);
  });
});

describe('the chat', () => {
  it('counts what is unread, shows it, and gives the focus back', async () => {
    const entries = [entry(1), entry(2, { text: 'See https://example.org' })];
    const messages = { byRoom: { harbour: { entries, epoch: 0 } }, unreadCount: 2 };
    call({ messages });
    expect(screen.getByTestId('unread-count').textContent).toBe('2');
    const button = screen.getByTestId('open-chat');
    button.focus();
    await userEvent.keyboard('{Enter}');
    const shown = screen.getAllByTestId('chat-message');
    expect(shown.map(({ dataset }) => dataset['order'])).toEqual(['1', '2']);
    expect(screen.getByRole('link').getAttribute('rel')).toBe('noopener noreferrer');
    expect(screen.queryByTestId('unread-count')).toBeNull();
    await userEvent.keyboard('{Escape}');
    expect(document.activeElement).toBe(button);
  });

  it('says what is on its way and what did not arrive', async () => {
    const own = { own: true, from: 'me', nonce: 'n' };
    const entries = [
      entry(null, { ...own, key: 'a', status: 'pending' }),
      entry(null, { ...own, key: 'b', status: 'failed' }),
    ];
    const world = call({ messages: { byRoom: { harbour: { entries, epoch: 0 } } } });
    await userEvent.click(screen.getByTestId('open-chat'));
    const [pending, failed] = screen.getAllByTestId('chat-message');
    expect(pending?.dataset['pending']).toBe('true');
    await userEvent.click(within(failed!).getByRole('button', { name: 'Try again' }));
    expect(world.actions).toContain('messages/sent');
  });

  it('sends with Enter and breaks lines with Shift', async () => {
    const world = call();
    await userEvent.click(screen.getByTestId('open-chat'));
    await userEvent.keyboard('one{Shift>}{Enter}{/Shift}two{Enter}');
    expect(world.actions.filter((type) => type === 'messages/sent')).toHaveLength(1);
    expect(screen.getByTestId<HTMLTextAreaElement>('chat-input').value).toBe('');
  });
});

describe('what the room tells', () => {
  it('a notice for five seconds', () => {
    vi.useFakeTimers();
    const world = call();
    act(() => {
      world.dispatch(addNotification({ code: 'member-joined', values: { name: 'Cleo' } }));
    });
    expect(screen.getByTestId('notice').textContent).toMatch('Cleo joined');
    act(() => {
      vi.advanceTimersByTime(5000);
    });
    expect(screen.queryByTestId('notice')).toBeNull();
    vi.useRealTimers();
  });

  it('one thing about a crowd that comes in, however large', () => {
    const world = call();
    const enters = (name: string) =>
      act(() => world.dispatch(addNotification({ code: 'member-joined', values: { name } })));
    enters('Cleo');
    enters('Dee');
    expect(screen.getByTestId('notice').textContent).toBe('Dee and one more joined');
    enters('Eve');
    expect(screen.getByTestId('notice').textContent).toBe('Eve and 2 others joined');
  });

  it('the connection in words, with what one can do', async () => {
    const world = call();
    expect(screen.getByTestId('status-badge').textContent).toBe('Connected');
    act(() => {
      world.dispatch(signalingChanged({ status: 'reconnecting' }));
    });
    expect(screen.getByTestId('status-badge').dataset['status']).toBe('reconnecting');
    await userEvent.click(screen.getByTestId('status-badge'));
    expect(screen.getByRole('button', { name: 'Reconnect now' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
  });

  it('the spinner only after 400 ms', () => {
    vi.useFakeTimers();
    const connections = { ada: connection({ status: 'connecting', phase: 'connecting' }) };
    const { rtcConnection } = inCall([ada]);
    show(<RoomPage roomId="harbour" />, {
      parts: { ...inCall([ada]), rtcConnection: { ...rtcConnection, connections } },
    });
    expect(screen.queryByText('Reconnecting…')).toBeNull();
    act(() => {
      vi.advanceTimersByTime(400);
    });
    expect(screen.getByText('Reconnecting…')).toBeTruthy();
    vi.useRealTimers();
  });

  it('the mode and what the other one would need', async () => {
    call();
    await userEvent.click(screen.getByTestId('open-people'));
    await userEvent.click(screen.getByRole('tab', { name: 'Connection' }));
    expect(screen.getByText('Peer to peer, 2 links')).toBeTruthy();
    expect(screen.getByText(/Through the server would need about 900 kbit\/s up/)).toBeTruthy();
  });
});

describe('the end', () => {
  it('of one’s own choice has a way back', async () => {
    const world = call({
      auth: { user: { id: 'u', name: 'Mika', email: null, avatar: null, status: 'active' } },
    });
    await userEvent.click(screen.getByTestId('leave'));
    expect(world.actions).toContain('room/left');
    expect(screen.getByRole('heading', { name: 'You left the room' })).toBeTruthy();
    await userEvent.click(screen.getByTestId('rejoin'));
    expect(screen.getByTestId('join').textContent).toBe('Joining…');
  });

  it('by the server says why', () => {
    const world = call();
    act(() => {
      const values = { reason: 'closed-by-operator' };
      world.dispatch(addNotification({ code: 'room-closed', values }));
      world.dispatch(roomLeft());
    });
    expect(screen.getByRole('heading', { name: 'The room was closed' })).toBeTruthy();
    expect(screen.queryByTestId('rejoin')).toBeNull();
  });

  it('because another tab took over can be undone', () => {
    const world = call();
    act(() => {
      const goodbye = { code: 'replaced', message: '', reconnect: false };
      world.dispatch(signalingChanged({ status: 'disconnected', goodbye }));
    });
    expect(screen.getByTestId('use-here')).toBeTruthy();
  });
});
