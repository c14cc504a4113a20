/** axe on every place of the page; contrast needs real pixels and is not seen here. */

import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';

import { NOTHING_YET } from '../check/report';
import { App } from './app';
import { CheckContext } from './check/check_context';
import { inCall, participant, show, summary, type Parts } from './testing/world';

async function violations(): Promise<string[]> {
  const rules = { 'color-contrast': { enabled: false } };
  const { violations: found } = await axe.run(document.body, { rules });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const denied = { status: 'failed', problem: 'denied', deviceId: null } as const;
const call: Parts = inCall([participant('Ada'), participant('Bo', { audioEnabled: false })]);

describe('axe finds nothing', () => {
  it('on the dashboard', async () => {
    show(<App />, { parts: { room: { list: [summary('a'), summary('b')] } } });
    await userEvent.click(screen.getByText('Options'));
    await userEvent.click(screen.getByRole('combobox', { name: 'Sort by' }));
    expect(await violations()).toEqual([]);
  });

  it('on the connection check, before and during it', async () => {
    const report = { ...NOTHING_YET, isRunning: true, server: { status: 'running' } as const };
    const check = {
      report,
      subscribe: () => () => undefined,
      run: () => Promise.resolve(),
      stop: () => undefined,
    };
    show(
      <CheckContext value={() => check}>
        <App />
      </CheckContext>,
      { parts: { dashboard: { currentPage: 'check' } } },
    );
    expect(screen.getByTestId('check-server')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it('before the room, with an error', async () => {
    const error = { code: 'wrong-password', message: '' } as const;
    show(<App />, {
      parts: { dashboard: { currentPage: 'room' }, room: { currentRoomId: 'a', error } },
      capture: { microphone: denied, camera: denied },
    });
    expect(await violations()).toEqual([]);
  });

  it.each(['open-chat', 'open-people', 'open-devices', 'open-layout', 'open-more', 'status-badge'])(
    'in the room, after %s',
    async (button) => {
      show(<App />, { parts: call });
      await userEvent.click(screen.getByTestId(button));
      expect(await violations()).toEqual([]);
    },
  );

  it('in the room with a shared screen', async () => {
    show(<App />, { parts: inCall([participant('Ada', { screenSharing: true })]) });
    expect(screen.getByTestId('screen-tile')).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it.each(['speaker', 'stage'] as const)('in a crowd, as %s', async (layout) => {
    const crowd = Array.from({ length: 9 }, (_, index) => participant(`p${index}`));
    show(<App />, { parts: { ...inCall(crowd), stage: { layout } } });
    await userEvent.click(screen.getAllByTestId('pin')[2]!);
    expect(await violations()).toEqual([]);
  });

  it('with a picture that is paused, and the figures about it', async () => {
    const limit = { by: 'bandwidth', paused: true } as const;
    const parts = inCall([participant('Ada')]);
    const pictureLimits = { 'camera:Ada': limit };
    show(<App />, {
      parts: { ...parts, rtcConnection: { ...parts.rtcConnection, pictureLimits } },
    });
    await userEvent.click(
      await screen.findByRole('button', { name: /^Signal weak/ }, { timeout: 10_000 }),
    );
    expect(screen.getByRole('heading', { name: 'Connection of Ada' })).toBeTruthy();
    expect(await violations()).toEqual([]);
  });

  it.each(['Settings', 'Keyboard shortcuts'])('in the dialog %s', async (entry) => {
    show(<App />, { parts: call });
    await userEvent.click(screen.getByTestId('open-more'));
    await userEvent.click(screen.getByRole('menuitem', { name: entry }));
    expect(screen.getByRole('dialog', { name: entry })).toBeTruthy();
    expect(await violations()).toEqual([]);
  });
});
