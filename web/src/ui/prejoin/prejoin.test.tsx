import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { CaptureProblem } from '../../media/outcome';
import type { Grants } from '../../signaling/protocol';
import type { Failure } from '../../store';
import { GUEST } from '../../store/invitation';
import { captureState, show, summary, type Parts } from '../testing/world';
import { Prejoin } from './prejoin';

const user = {
  id: 'u',
  name: 'Ada',
  email: null,
  avatar: null,
  status: 'active' as const,
};

function parts(room: Parts['room'] = {}): Parts {
  return { auth: { user, isAuthenticated: true }, room: { currentRoomId: 'abc', ...room } };
}

const failed = (code: Failure['code']): Parts =>
  parts({ error: { code, message: 'The server said so.' } });

const troubled = (problem: CaptureProblem) => ({
  microphone: { status: 'failed' as const, problem, deviceId: null },
  camera: { status: 'failed' as const, problem, deviceId: null },
});

describe('pre-join', () => {
  it('asks for the devices and joins with Enter', async () => {
    const request = vi.fn(() => new Promise(() => undefined));
    const want = vi.fn();
    const backstage = {
      signaling: { request },
      membership: { want, forget: () => undefined, wish: { roomId: 'abc', name: 'Ada' } },
      instance: 'page',
    };
    const world = show(<Prejoin roomId="abc" />, { parts: parts(), backstage });
    expect(world.capture.asked).toEqual(['acquire microphone camera']);
    await userEvent.keyboard('{Enter}');
    expect(want).toHaveBeenCalledWith({ roomId: 'abc', name: 'Ada', password: null });
    expect(screen.getByTestId('join').textContent).toBe('Joining…');
  });

  it('says who is there', () => {
    const room = summary('abc', { name: 'Design', participantCount: 5 });
    const preview = { room, people: ['Bo', 'Cleo', 'Dan', 'Eve', 'Finn'] };
    show(<Prejoin roomId="abc" />, { parts: parts({ preview }) });
    expect(screen.getByRole('heading', { name: 'Design' })).toBeTruthy();
    expect(screen.getByTestId('who').textContent).toBe('Bo, Cleo, Dan and 2 more are here.');
  });

  it.each(['denied', 'missing', 'in-use', 'unplugged', 'insecure', 'failed'] as const)(
    'has a sentence for devices that are %s, and lets one join all the same',
    (problem) => {
      show(<Prejoin roomId="abc" />, { parts: parts(), capture: troubled(problem) });
      const alert = screen.getByTestId('error');
      expect(alert.dataset['code']).toBe(problem);
      expect(alert.textContent).toMatch(/join/);
      expect(screen.getByTestId('join').textContent).toBe('Join and listen');
    },
  );

  it('tells two troubles apart', () => {
    const { microphone } = troubled('in-use');
    const { camera } = troubled('missing');
    show(<Prejoin roomId="abc" />, { parts: parts(), capture: { microphone, camera } });
    const codes = screen.getAllByTestId('error').map(({ dataset }) => dataset['code']);
    expect(codes).toEqual(['in-use', 'missing']);
  });

  it('follows what is plugged in', async () => {
    const devices = {
      ...captureState().devices,
      microphones: [
        { id: 'one', label: 'Built-in' },
        { id: 'two', label: '' },
      ],
    };
    const world = show(<Prejoin roomId="abc" />, { parts: parts(), capture: { devices } });
    await userEvent.click(screen.getByRole('combobox', { name: 'Microphone' }));
    await userEvent.click(screen.getByRole('option', { name: 'Microphone 2' }));
    expect(world.capture.asked).toContain('microphone two');
  });
});

describe('an invitation', () => {
  const invited = (grants: Partial<Grants>, name: string | null = 'Zoë'): Parts => ({
    auth: {
      user,
      isAuthenticated: true,
      invitation: { token: 't', roomId: 'abc', name, grants: { ...GUEST, ...grants } },
    },
    room: { currentRoomId: 'abc' },
  });

  it('to listen shows no switch and no device', () => {
    show(<Prejoin roomId="abc" />, { parts: invited({ publish: false }) });
    expect(screen.getByTestId('listener').textContent).toMatch('invited to listen');
    expect(screen.queryByTestId('toggle-camera')).toBeNull();
    expect(screen.queryByTestId('toggle-microphone')).toBeNull();
    expect(screen.queryByText('Microphone')).toBeNull();
    expect(screen.getByTestId('join').textContent).toBe('Join and listen');
  });

  it('that names one leaves nothing to type', async () => {
    show(<Prejoin roomId="abc" />, { parts: invited({}) });
    const field = screen.getByTestId<HTMLInputElement>('name');
    await userEvent.type(field, 'Mallory');
    expect(field.value).toBe('Zoë');
    expect(screen.getByTestId('toggle-camera')).toBeTruthy();
  });

  it('to a room that is not open yet is tried again', async () => {
    const request = vi.fn(() => new Promise(() => undefined));
    const early = invited({});
    const error = { code: 'room-not-found' as const, message: '' };
    const parts = { ...early, room: { currentRoomId: 'abc', error } };
    const backstage = { signaling: { request } };
    show(<Prejoin roomId="abc" />, { parts, backstage });
    expect(screen.getByRole('heading', { name: 'This room is not open yet.' })).toBeTruthy();
    const before = request.mock.calls.length;
    await userEvent.click(screen.getByTestId('look-again'));
    expect(request.mock.calls.length).toBeGreaterThan(before);
    expect(screen.getByTestId('join')).toBeTruthy();
  });

  it('that opens the room does not ask whether it is there', () => {
    const request = vi.fn(() => new Promise(() => undefined));
    show(<Prejoin roomId="abc" />, {
      parts: invited({ moderate: true }),
      backstage: { signaling: { request } },
    });
    expect(request).not.toHaveBeenCalled();
  });

  it('that names nobody leaves the name to its bearer', async () => {
    show(<Prejoin roomId="abc" />, { parts: invited({}, null) });
    await userEvent.type(screen.getByTestId('name'), ' Lovelace');
    expect(screen.getByTestId<HTMLInputElement>('name').value).toBe('Ada Lovelace');
  });
});

describe('a refusal', () => {
  it.each([
    ['token-required', 'by invitation'],
    ['token-invalid', 'does not open this room'],
    ['not-permitted', 'does not allow this'],
  ] as const)('%s is told in words', (code, words) => {
    show(<Prejoin roomId="abc" />, { parts: failed(code) });
    expect(screen.getByTestId('error').dataset['code']).toBe(code);
    expect(screen.getByTestId('error').textContent).toMatch(words);
  });

  it('for the name stands at the name and selects it', () => {
    show(<Prejoin roomId="abc" />, { parts: failed('name-taken') });
    expect(screen.getByTestId('error').dataset['code']).toBe('name-taken');
    expect(document.activeElement).toBe(screen.getByTestId('name'));
  });

  it('for a password asks for one and stays at it', async () => {
    show(<Prejoin roomId="abc" />, { parts: failed('wrong-password') });
    const field = screen.getByTestId('password');
    expect(screen.getByTestId('error').textContent).toMatch('needs a password');
    await userEvent.type(field, 'x');
    expect(screen.queryByTestId('error')).toBeNull();
    expect(screen.getByTestId('password')).toBe(field);
  });

  it('because the room is full is told, and may be tried again', () => {
    show(<Prejoin roomId="abc" />, { parts: failed('room-full') });
    expect(screen.getByTestId('error').textContent).toMatch('This room is full.');
    expect(screen.getByTestId('join')).toBeTruthy();
  });

  it('because there is no such room offers a way on', async () => {
    const world = show(<Prejoin roomId="abc" />, { parts: failed('room-not-found') });
    expect(screen.getByTestId('error').dataset['code']).toBe('room-not-found');
    await userEvent.click(screen.getByRole('button', { name: 'Start a new room' }));
    expect(world.state().dashboard.currentPage).toBe('dashboard');
  });
});
