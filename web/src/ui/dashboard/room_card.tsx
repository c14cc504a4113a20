import { Lock, Share2, Server, Users } from 'lucide-react';

import type { RoomSummary } from '../../signaling/protocol';
import { navigateTo, pathOf } from '../../store';
import { useAppDispatch } from '../hooks/use_store';
import { t } from '../strings';
import { openSince } from './duration';

interface RoomCardProps {
  readonly room: RoomSummary;
  readonly now: number;
}

export function RoomCard({ room, now }: RoomCardProps) {
  const dispatch = useAppDispatch();
  const full = room.capacity > 0 && room.participantCount >= room.capacity;
  const ModeIcon = room.mode === 'mesh' ? Share2 : Server;
  return (
    <li>
      <a
        className="room-card"
        href={pathOf({ page: 'room', roomId: room.id })}
        data-testid="room-card"
        data-room-id={room.id}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return;
          event.preventDefault();
          dispatch(navigateTo({ page: 'room', roomId: room.id }));
        }}
      >
        <span className="room-card-head">
          <span className="room-card-name truncate">{room.name}</span>
          {room.hasPassword && (
            <span className="room-card-lock">
              <Lock size={16} aria-hidden="true" />
              <span className="visually-hidden">{t.dashboard.locked}</span>
            </span>
          )}
          {full && <span className="chip chip-warning">{t.dashboard.full}</span>}
        </span>
        <span className="room-card-about">{room.description}</span>
        <span className="room-card-facts">
          <span className="fact">
            <Users size={16} aria-hidden="true" />
            <span aria-hidden="true">
              {t.dashboard.people(room.participantCount, room.capacity)}
            </span>
            <span className="visually-hidden">
              {t.dashboard.peopleLong(room.participantCount, room.capacity)}
            </span>
          </span>
          <span className="fact">
            <ModeIcon size={16} aria-hidden="true" />
            {t.common.mode[room.mode]}
          </span>
          <span className="fact room-card-since">{openSince(room.createdAt, now)}</span>
        </span>
      </a>
    </li>
  );
}
