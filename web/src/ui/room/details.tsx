import { ChevronRight } from 'lucide-react';

import {
  selectConnectedPeers,
  selectConnections,
  selectCurrentRoom,
  selectParticipants,
  selectPeerStats,
  selectPictureLimited,
  selectSignaling,
} from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { CourseDetails } from './course_details';
import { bitrate, loadOf, otherLoad } from './figures';
import { Figures } from './signal_badge';

const words = t.room.details;

/** How the room's media travels, and what it costs. */
export function Details() {
  const room = useAppSelector(selectCurrentRoom);
  const { status, serverVersion } = useAppSelector(selectSignaling);
  const connections = useAppSelector(selectConnections);
  const links = useAppSelector(selectConnectedPeers).length;
  const others = useAppSelector(selectParticipants);
  if (!room) return null;
  const stats = Object.values(connections).flatMap((one) => (one.stats ? [one.stats] : []));
  const load = loadOf(room.mode, stats);
  const other = room.mode === 'mesh' ? 'sfu' : 'mesh';
  const needed = otherLoad(room.mode, stats, links);
  const connection = t.common.connection[status === 'idle' ? 'disconnected' : status];
  const rows: readonly (readonly [string, string])[] = [
    [words.room, room.name],
    [words.code, room.id],
    [words.status, serverVersion === null ? connection : `${connection} · ${serverVersion}`],
    [words.mode, room.mode === 'mesh' ? words.links(links) : words.throughServer],
    [words.generation, String(room.generation)],
    [words.upload, bitrate(load.up)],
    [words.download, bitrate(load.down)],
  ];
  return (
    <div className="details">
      <dl className="figures">
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <CourseDetails />
      <section>
        <h2>{words.compareTitle}</h2>
        <p className="muted">
          {links === 0
            ? words.noCompare
            : words.compare(t.common.mode[other], bitrate(needed.up), bitrate(needed.down))}
        </p>
      </section>
      {others.length > 0 && (
        <section>
          <h2>{words.peers}</h2>
          {others.map(({ id, name }) => (
            <details key={id} className="fold">
              <summary>
                <ChevronRight size={14} aria-hidden="true" />
                {name}
              </summary>
              <PersonFigures id={id} />
            </details>
          ))}
        </section>
      )}
    </div>
  );
}

/** The way between us and one other person. */
function PersonFigures({ id }: { readonly id: string }) {
  const stats = useAppSelector((state) => selectPeerStats(state, id));
  const limit = useAppSelector((state) => selectPictureLimited(state, id, 'camera'));
  const mode = useAppSelector(selectCurrentRoom)?.mode ?? 'mesh';
  return <Figures stats={stats} mode={mode} limit={limit} />;
}
