import { useMemo } from 'react';

import { selectParticipantIds } from '../../store';
import { useSize } from '../hooks/use_browser';
import { useActiveSpeaker } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import { arrange, type StageLayout } from '../layout/stage';
import { t } from '../strings';
import { Alone } from './alone';
import { Tile } from './tile';
import { useCornerDrag } from './use_corner_drag';

/** Everybody's tile. The order of elements never changes; only their places do. */
export function Stage({ layout }: { readonly layout: StageLayout }) {
  const [measure, container] = useSize();
  const self = useAppSelector((state) => state.participants.localParticipant?.id ?? null);
  const others = useAppSelector(selectParticipantIds);
  const pinned = useAppSelector((state) => state.participants.selectedParticipantId);
  const active = useActiveSpeaker();
  const [corner, drag] = useCornerDrag(container);

  const places = useMemo(() => {
    const ids = self === null ? others : [...others, self];
    return arrange({ container, ids, self, layout, speaker: pinned ?? active, corner });
  }, [container, others, self, layout, pinned, active, corner]);

  return (
    <section className="stage" aria-label={t.room.stage} ref={measure}>
      {container.width > 0 &&
        [...(self === null ? [] : [self]), ...others].map((id) => {
          const place = places.get(id);
          return place && <Tile key={id} id={id} isLocal={id === self} place={place} drag={drag} />;
        })}
      {others.length === 0 && <Alone />}
    </section>
  );
}
