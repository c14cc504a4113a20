import { Server, Share2 } from 'lucide-react';

import { selectCurrentRoom } from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import type { RoomUi } from './use_room_ui';

/** How the room's media travels, for those who care; a press tells more. */
export function ModeBadge({ ui }: { readonly ui: RoomUi }) {
  const mode = useAppSelector(selectCurrentRoom)?.mode;
  if (!mode) return null;
  const Icon = mode === 'mesh' ? Share2 : Server;
  const label = t.room.modeBadge.label(t.common.mode[mode]);
  return (
    <button
      type="button"
      className="mode-badge"
      data-testid="mode-badge"
      data-mode={mode}
      aria-label={label}
      title={label}
      onClick={() => ui.togglePanel('details')}
    >
      <Icon size={14} aria-hidden="true" />
      <span>{t.room.modeBadge.short[mode]}</span>
    </button>
  );
}
