import { Link } from 'lucide-react';

import { useAppSelector } from '../hooks/use_store';
import { Button } from '../parts/button';
import { t } from '../strings';
import { linkTo } from './copy_link';
import { useCopyLink } from './use_copy_link';

/** What to do while nobody else is here. */
export function Alone() {
  const roomId = useAppSelector((state) => state.room.currentRoom?.id ?? '');
  const copy = useCopyLink();
  return (
    <div className="alone">
      <p className="alone-title">{t.room.alone}</p>
      <p className="muted small">{t.room.aloneAdvice}</p>
      <div className="alone-link">
        <span className="truncate">{linkTo(roomId).replace(/^https?:\/\//, '')}</span>
        <Button icon={Link} variant="primary" data-testid="copy-link" onClick={copy}>
          {t.room.copyLink}
        </Button>
      </div>
    </div>
  );
}
