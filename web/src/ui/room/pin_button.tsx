import { Pin, PinOff } from 'lucide-react';
import type { MouseEvent } from 'react';

import type { StreamSource } from '../../session/streams';
import { pinParticipant, pinScreen, selectPinned } from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { t } from '../strings';

interface PinButtonProps {
  readonly id: string;
  readonly source: StreamSource;
  /** Whose it is, or what. */
  readonly name: string;
}

/** A press with the mouse leaves the focus where it is: the space bar is for talking. */
function keepFocus(event: MouseEvent) {
  event.preventDefault();
}

/** All of a tile is the button that makes it large, and gives the place free again. */
export function PinButton({ id, source, name }: PinButtonProps) {
  const dispatch = useAppDispatch();
  const pinned = useAppSelector(selectPinned);
  const isPinned = pinned?.id === id && pinned.source === source;
  const toggle = () => {
    if (isPinned) dispatch(pinParticipant(null));
    else dispatch(source === 'screen' ? pinScreen(id) : pinParticipant(id));
  };
  return (
    <button
      type="button"
      className="tile-pin"
      aria-label={t.room.tile.pin(name)}
      aria-pressed={isPinned}
      data-testid="pin"
      onMouseDown={keepFocus}
      onClick={toggle}
    >
      <span className="tile-pin-chip">
        <Pin className="tile-pin-mark" size={16} aria-hidden="true" />
        <PinOff className="tile-pin-undo" size={16} aria-hidden="true" />
      </span>
    </button>
  );
}
