import { Server, Share2 } from 'lucide-react';

import { selectCurrentRoom } from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import type { RoomUi } from './use_room_ui';

/** How the room's media travels, for those who care; a press tells more. */
export function ModeBadge({ ui }: { readonly ui: RoomUi }) {
  const mode = useAppSelector(selectCurrentRoom)?.mode;
  const moving = useAppSelector((state) => state.room.moving);
  if (!mode) return null;
  const Icon = mode === 'mesh' ? Share2 : Server;
  const words = t.room.modeBadge;
  const aim = moving ? words.moving(t.common.mode[moving.mode]) : '';
  const label = words.label(t.common.mode[mode]) + aim;
  return (
    <button
      type="button"
      className="mode-badge"
      data-testid="mode-badge"
      data-mode={mode}
      data-moving={moving !== null}
      aria-label={label}
      title={label}
      onClick={() => ui.togglePanel('details')}
    >
      <Icon size={14} aria-hidden="true" />
      <span>{words.short[mode]}</span>
    </button>
  );
}
