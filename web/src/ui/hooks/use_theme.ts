import { useLayoutEffect } from 'react';

import { setTheme, type Theme } from '../../store';
import { recall, remember } from './remembered';
import { useMediaQuery } from './use_browser';
import { useAppDispatch, useAppSelector } from './use_store';

const KEY = 'crossover:theme';

const THEMES: readonly Theme[] = ['light', 'dark'];

/** Keeps the theme as chosen, or else as the system has it, where the style sheets look for it. */
export function useTheme(): void {
  const dispatch = useAppDispatch();
  const theme = useAppSelector((state) => state.dashboard.theme);
  const systemIsDark = useMediaQuery('(prefers-color-scheme: dark)');
  useLayoutEffect(() => {
    dispatch(setTheme(recall(KEY, THEMES) ?? (systemIsDark ? 'dark' : 'light')));
  }, [dispatch, systemIsDark]);
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
}

/** Chooses a theme for good. */
export function useChooseTheme(): (theme: Theme) => void {
  const dispatch = useAppDispatch();
  return (theme) => {
    remember(KEY, theme);
    dispatch(setTheme(theme));
  };
}
