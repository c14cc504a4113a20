import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { ThemeToggle } from '../parts/theme';
import { show } from '../testing/world';
import { useTheme } from './use_theme';

function Themed() {
  useTheme();
  return <ThemeToggle />;
}

const shown = () => document.documentElement.dataset['theme'];

function systemIs(theme: 'light' | 'dark') {
  window.matchMedia = () =>
    ({
      matches: theme === 'dark',
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
    }) as unknown as MediaQueryList;
}

describe('the theme', () => {
  it('is the system’s until one chooses', async () => {
    systemIs('dark');
    show(<Themed />);
    expect(shown()).toBe('dark');
    await userEvent.click(screen.getByRole('button', { name: 'Switch to light appearance' }));
    expect(shown()).toBe('light');
  });

  it('is remembered', () => {
    localStorage.setItem('crossover:theme', 'light');
    systemIs('dark');
    show(<Themed />);
    expect(shown()).toBe('light');
  });
});
