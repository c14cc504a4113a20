import { Hand } from 'lucide-react';

import { selectHandPlace } from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';

/** A raised hand and its place in the order of raising; nothing where it is not up. */
export function HandBadge({ id }: { readonly id: string }) {
  const place = useAppSelector((state) => selectHandPlace(state, id));
  if (place === 0) return null;
  return (
    <span className="hand-badge" data-testid="hand" data-place={place}>
      <Hand size={14} aria-hidden="true" />
      <span aria-hidden="true">{place}</span>
      <span className="visually-hidden">{t.room.hand.place(place)}</span>
    </span>
  );
}
