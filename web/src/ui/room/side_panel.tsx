import { X } from 'lucide-react';
import { useEffect, useRef, type KeyboardEvent } from 'react';

import { IconButton } from '../parts/button';
import { t } from '../strings';
import { Chat } from './chat';
import { Details } from './details';
import { People } from './people';
import type { PanelTab, RoomUi } from './use_room_ui';

const TABS: readonly PanelTab[] = ['chat', 'people', 'details'];

interface SidePanelProps {
  readonly ui: RoomUi;
  readonly tab: PanelTab;
}

/** One panel for chat, people and details; on phones a sheet from the bottom. */
export function SidePanel({ ui, tab }: SidePanelProps) {
  const tabs = useRef<HTMLDivElement>(null);
  const focusTab = (wanted: PanelTab) =>
    tabs.current?.querySelector<HTMLElement>(`[data-tab=${wanted}]`)?.focus();

  useEffect(() => {
    // The chat takes the focus itself, into its input.
    if (tab !== 'chat' && !tabs.current?.contains(document.activeElement)) focusTab(tab);
  }, [tab]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length] ?? 'chat';
    ui.showPanel(next);
    requestAnimationFrame(() => focusTab(next));
  };

  return (
    <aside className="panel" aria-label={t.room.panel.tabs}>
      <div className="panel-head">
        <div
          className="tabs"
          role="tablist"
          tabIndex={-1}
          aria-label={t.room.panel.tabs}
          ref={tabs}
          onKeyDown={onKeyDown}
        >
          {TABS.map((each) => (
            <button
              key={each}
              type="button"
              className="tab"
              role="tab"
              id={`tab-${each}`}
              data-tab={each}
              aria-selected={each === tab}
              aria-controls="panel-content"
              tabIndex={each === tab ? 0 : -1}
              onClick={() => ui.showPanel(each)}
            >
              {t.room.panel[each]}
            </button>
          ))}
        </div>
        <IconButton label={t.room.panel.close} icon={X} onClick={ui.closePanel} />
      </div>
      <div
        className="panel-content"
        id="panel-content"
        role="tabpanel"
        aria-labelledby={`tab-${tab}`}
      >
        {tab === 'chat' && <Chat />}
        {tab === 'people' && <People />}
        {tab === 'details' && <Details />}
      </div>
    </aside>
  );
}
