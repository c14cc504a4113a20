import { LayoutGrid, PanelRight, SquareUser, type LucideIcon } from 'lucide-react';
import { useState } from 'react';

import type { StageLayout } from '../../store';
import { LAYOUTS } from '../layout/stage';
import type { MenuItem } from '../parts/menu';
import { t } from '../strings';
import type { RoomUi } from './use_room_ui';

export const LAYOUT_ICONS: Record<StageLayout, LucideIcon> = {
  grid: LayoutGrid,
  speaker: PanelRight,
  stage: SquareUser,
};

/** The layouts to choose from. */
export function layoutItems(ui: RoomUi): MenuItem[] {
  return LAYOUTS.map((layout) => ({
    key: `layout-${layout}`,
    label: t.room.layouts[layout],
    icon: LAYOUT_ICONS[layout],
    checked: layout === ui.layout,
    run: () => ui.setLayout(layout),
  }));
}

/** Says which layout it is now, to those who do not see it change. */
export function LayoutAnnouncer({ layout }: { readonly layout: StageLayout }) {
  const [first] = useState(layout);
  const [changed, setChanged] = useState(false);
  if (!changed && layout !== first) setChanged(true);
  return (
    <p className="visually-hidden" role="status">
      {changed ? t.room.layoutIs(t.room.layouts[layout]) : ''}
    </p>
  );
}
