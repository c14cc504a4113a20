import { useMemo } from 'react';

import { LOCAL } from '../../session/streams';
import { selectParticipantIds, selectSharingIds } from '../../store';
import { useSize } from '../hooks/use_browser';
import { useActiveSpeaker, usePicture } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import { arrange, type StageLayout } from '../layout/stage';
import { t } from '../strings';
import { Alone } from './alone';
import { ScreenTile } from './screen_tile';
import { Tile } from './tile';
import { useCornerDrag } from './use_corner_drag';

/** The name of a screen's place; its owner has another. */
const screenOf = (memberId: string): string => `screen:${memberId}`;

/** Everybody's tile, and every shared screen. The order of elements never changes; only their places do. */
export function Stage({ layout }: { readonly layout: StageLayout }) {
  const [measure, container] = useSize();
  const self = useAppSelector((state) => state.participants.localParticipant?.id ?? null);
  const others = useAppSelector(selectParticipantIds);
  const pinned = useAppSelector((state) => state.participants.selectedParticipantId);
  const active = useActiveSpeaker();
  const [corner, drag] = useCornerDrag(container);

  const sharing = useAppSelector(selectSharingIds);
  const ownScreen = usePicture(LOCAL, 'screen') !== null;

  const places = useMemo(() => {
    const screens = sharing.map(screenOf);
    const own = self !== null && ownScreen ? [screenOf(self)] : [];
    const ids = [...screens, ...own, ...others, ...(self === null ? [] : [self])];
    const speaker = pinned ?? screens[0] ?? active ?? others[0] ?? null;
    return arrange({ container, ids, self, layout, speaker, corner });
  }, [container, others, sharing, ownScreen, self, layout, pinned, active, corner]);

  return (
    <section className="stage" aria-label={t.room.stage} ref={measure}>
      {container.width > 0 &&
        [...(self === null ? [] : [self]), ...others].map((id) => {
          const place = places.get(id);
          return place && <Tile key={id} id={id} isLocal={id === self} place={place} drag={drag} />;
        })}
      {[...(self !== null && ownScreen ? [self] : []), ...sharing].map((id) => {
        const place = places.get(screenOf(id));
        return place && <ScreenTile key={id} id={id} isLocal={id === self} place={place} />;
      })}
      {others.length === 0 && <Alone />}
    </section>
  );
}
