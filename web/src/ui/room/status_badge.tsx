import {
  selectSignaling,
  connect,
  disconnect,
  forceReconnect,
  type SignalingStatus,
} from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Button } from '../parts/button';
import { Popover, useClosePopover } from '../parts/menu';
import { t } from '../strings';
import type { RoomUi } from './use_room_ui';

type Shown = Exclude<SignalingStatus, 'idle'>;

interface BadgeAction {
  readonly label: string;
  readonly run: () => void;
}

/** Which actions each state offers; the first is the one most people want. */
function useActions(ui: RoomUi): Record<Shown, readonly BadgeAction[]> {
  const dispatch = useAppDispatch();
  const cancel = { label: t.common.cancel, run: () => dispatch(disconnect()) };
  return {
    disconnected: [{ label: t.common.connect, run: () => dispatch(connect()) }],
    connecting: [cancel],
    reconnecting: [
      { label: t.common.forceReconnect, run: () => dispatch(forceReconnect()) },
      cancel,
    ],
    connected: [
      { label: t.common.details, run: () => ui.showPanel('details') },
      { label: t.common.settings, run: () => ui.setDialog('settings') },
      { label: t.common.disconnect, run: () => dispatch(disconnect()) },
    ],
  };
}

/** The connection to the server: a colour, a word, and what one can do. */
export function StatusBadge({ ui }: { readonly ui: RoomUi }) {
  const { status } = useAppSelector(selectSignaling);
  const shown: Shown = status === 'idle' ? 'disconnected' : status;
  const actions = useActions(ui)[shown];
  const word = t.common.connection[shown];
  return (
    <>
      <span className="visually-hidden" role="status">
        {shown === 'connected' ? '' : t.room.status.label(word)}
      </span>
      <Popover
        kind="dialog"
        label={t.room.status.menu}
        className="status"
        button={(attributes) => (
          <button
            type="button"
            className="status-badge"
            data-testid="status-badge"
            data-status={shown}
            aria-label={t.room.status.label(word)}
            {...attributes}
          >
            <span className="status-dot" aria-hidden="true" />
            {word}
          </button>
        )}
      >
        <StatusMenu shown={shown} actions={actions} />
      </Popover>
    </>
  );
}

interface StatusMenuProps {
  readonly shown: Shown;
  readonly actions: readonly BadgeAction[];
}

function StatusMenu({ shown, actions }: StatusMenuProps) {
  const close = useClosePopover();
  return (
    <div className="status-menu">
      {shown !== 'connected' && <p className="small">{t.room.status.offlineHint}</p>}
      {actions.map(({ label, run }, index) => (
        <Button
          key={label}
          variant={index === 0 && shown !== 'connected' ? 'primary' : 'secondary'}
          onClick={() => {
            close();
            run();
          }}
        >
          {label}
        </Button>
      ))}
    </div>
  );
}
