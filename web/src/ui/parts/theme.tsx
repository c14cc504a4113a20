import { Moon, Sun } from 'lucide-react';

import { useAppSelector } from '../hooks/use_store';
import { useChooseTheme } from '../hooks/use_theme';
import { t } from '../strings';
import { IconButton } from './button';

export function ThemeToggle() {
  const choose = useChooseTheme();
  const theme = useAppSelector((state) => state.dashboard.theme);
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <IconButton
      label={t.common.toggleTheme[other]}
      icon={other === 'light' ? Sun : Moon}
      onClick={() => choose(other)}
    />
  );
}
