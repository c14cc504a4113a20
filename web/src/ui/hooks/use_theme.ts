import { useLayoutEffect } from 'react';

import { setTheme, type Theme } from '../../store';
import { useMediaQuery } from './use_browser';
import { useAppDispatch, useAppSelector } from './use_store';

const KEY = 'crossover:theme';

function remembered(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null;
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Where nothing may be stored, the choice holds for this visit.
  }
}

/** Keeps the theme as chosen, or else as the system has it, where the style sheets look for it. */
export function useTheme(): void {
  const dispatch = useAppDispatch();
  const theme = useAppSelector((state) => state.dashboard.theme);
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)');
  useLayoutEffect(() => {
    dispatch(setTheme(remembered() ?? (systemIsDark ? 'dark' : 'light')));
  }, [dispatch, systemIsDark]);
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

/** Chooses a theme for good. */
export function useChooseTheme(): (theme: Theme) => void {
  const dispatch = useAppDispatch();
  return (theme) => {
    remember(theme);
    dispatch(setTheme(theme));
  };
}
