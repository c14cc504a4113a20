import { useEffect, useRef, useState } from 'react';

import { setChatOpen, toggleSidebar, type StageLayout } from '../../store';
import { useLayout } from '../hooks/use_layout';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';

export type PanelTab = 'chat' | 'people' | 'details';
export type RoomDialog = 'settings' | 'shortcuts';

export interface RoomUi {
  /** The open tab of the side panel; null: closed. */
  readonly panel: PanelTab | null;
  readonly showPanel: (tab: PanelTab) => void;
  /** Opens the tab, or closes the panel if it is the open one. */
  readonly togglePanel: (tab: PanelTab) => void;
  readonly closePanel: () => void;
  readonly layout: StageLayout;
  readonly setLayout: (layout: StageLayout) => void;
  readonly dialog: RoomDialog | null;
  readonly setDialog: (dialog: RoomDialog | null) => void;
}

/** What is open in the room. Focus returns from the panel to where it came from. */
export function useRoomUi(): RoomUi {
  const dispatch = useAppDispatch();
  const open = useAppSelector((state) => state.dashboard.sidebarOpen);
  const [tab, setTab] = useState<PanelTab>('chat');
  const [layout, setLayout] = useLayout();
  const [dialog, setDialog] = useState<RoomDialog | null>(null);
  const opener = useRef<Element | null>(null);
  const panel = open ? tab : null;

  useEffect(() => {
    dispatch(setChatOpen(panel === 'chat'));
  }, [dispatch, panel]);
  useEffect(
    () => () => {
      dispatch(setChatOpen(false));
      dispatch(toggleSidebar(false));
    },
    [dispatch],
  );

  const showPanel = (next: PanelTab) => {
    if (!open) opener.current = document.activeElement;
    setTab(next);
    dispatch(toggleSidebar(true));
  };
  const closePanel = () => {
    dispatch(toggleSidebar(false));
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  const togglePanel = (next: PanelTab) => {
    if (panel === next) closePanel();
    else showPanel(next);
  };
  return { panel, showPanel, togglePanel, closePanel, layout, setLayout, dialog, setDialog };
}
