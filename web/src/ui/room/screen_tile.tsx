import { MonitorUp } from 'lucide-react';
import { useRef, useState } from 'react';

import { selectLocalParticipant, selectParticipant } from '../../store';
import { usePicture } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import { useViewReport } from '../hooks/use_view_report';
import type { Place } from '../layout/stage';
import { Spinner } from '../parts/button';
import { Video } from '../parts/video';
import { t } from '../strings';
import { PinButton } from './pin_button';
import { styleOf } from './tile';

interface ScreenTileProps {
  /** Whose screen it is. */
  readonly id: string;
  readonly isLocal: boolean;
  readonly place: Place;
}

/** A shared screen, all of it. */
export function ScreenTile({ id, isLocal, place }: ScreenTileProps) {
  const owner = useAppSelector((state) =>
    isLocal ? selectLocalParticipant(state) : selectParticipant(state, id),
  );
  const streamId = owner?.streamId ?? id;
  const picture = usePicture(streamId, 'screen');
  const root = useRef<HTMLDivElement>(null);
  const [played, setPlayed] = useState(false);
  useViewReport(root, streamId, isLocal ? null : 'screen', place);
  if (!owner) return null;
  return (
    <div
      ref={root}
      className="tile tile-screen"
      role="group"
      aria-label={t.room.tile.screen(owner.name)}
      style={styleOf(place)}
      data-testid="screen-tile"
      data-member-id={id}
      data-self={isLocal}
    >
      <div className="tile-frame" data-pictured={played}>
        <Video stream={picture} onPlaying={() => setPlayed(true)} />
        {!played && <Spinner size={24} />}
        <p className="name-plate" aria-hidden="true">
          <MonitorUp size={14} />
          <span className="truncate">
            {isLocal ? t.room.tile.ownScreen : t.room.tile.screen(owner.name)}
          </span>
        </p>
      </div>
      {!isLocal && <PinButton id={id} source="screen" name={t.room.tile.screen(owner.name)} />}
    </div>
  );
}
