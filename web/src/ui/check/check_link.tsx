import { Activity } from 'lucide-react';

import { navigateTo } from '../../store';
import { useAppDispatch } from '../hooks/use_store';
import { IconButton } from '../parts/button';
import { t } from '../strings';

/** The way to the connection check, from wherever one is not in a call. */
export function CheckLink() {
  const dispatch = useAppDispatch();
  return (
    <IconButton
      label={t.check.link}
      icon={Activity}
      data-testid="check-link"
      onClick={() => dispatch(navigateTo({ page: 'check' }))}
    />
  );
}
