import { useEffect } from 'react';

import type { StreamSource } from '../../session/streams';
import type { StageLayout } from '../../store';
import { useSize } from '../hooks/use_browser';
import { useServices } from '../hooks/use_services';
import { t } from '../strings';
import { Alone } from './alone';
import { More, Pager } from './pager';
import { ScreenTile } from './screen_tile';
import { Tile } from './tile';
import { useCorner, useCornerDrag } from './use_corner_drag';
import { screenOf, useStage } from './use_stage';

interface StageProps {
  readonly layout: StageLayout;
  readonly onPeople: () => void;
}

/** People's tiles and shared screens. The order of elements never changes; only their places do. */
export function Stage({ layout, onPeople }: StageProps) {
  const [measure, container] = useSize();
  const [corner, setCorner] = useCorner();
  const drag = useCornerDrag(container, corner, setCorner);
  const stage = useStage(container, layout, corner);
  const { places, self, others, sharing, shape } = stage;
  const largePlace = places.get(stage.large ?? '');
  const people = self === null ? others : [self, ...others];
  return (
    <section className="stage" aria-label={t.room.stage} data-layout={layout} ref={measure}>
      {container.width > 0 && (
        <>
          {people.map((id) => {
            const place = places.get(id);
            if (place) {
              return <Tile key={id} id={id} isLocal={id === self} place={place} drag={drag} />;
            }
            return <Unseen key={id} id={id} source="camera" />;
          })}
          {sharing.map((id) => {
            const place = places.get(screenOf(id));
            if (place) return <ScreenTile key={id} id={id} isLocal={id === self} place={place} />;
            return <Unseen key={id} id={id} source="screen" />;
          })}
          {shape.pager && <Pager stage={stage} place={shape.pager} />}
          {largePlace && stage.more > 0 && (
            <More count={stage.more} place={largePlace} onOpen={onPeople} />
          )}
        </>
      )}
      {others.length === 0 && <Alone />}
    </section>
  );
}

/** Somebody on another page: nobody sees the picture, so it need not come. */
function Unseen({ id, source }: { readonly id: string; readonly source: StreamSource }) {
  const { views } = useServices();
  useEffect(() => {
    const viewer = {};
    views.report(viewer, id, source, 0);
    return () => views.retract(viewer);
  }, [views, id, source]);
  return null;
}
