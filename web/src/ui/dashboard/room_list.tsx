import { DoorOpen, RefreshCw, Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';

import {
  clearRoomError,
  connect,
  fetchRooms,
  selectRooms,
  selectSignaling,
  setRoomFilter,
  type RoomSort,
} from '../../store';
import { useDelayed, useNow } from '../hooks/use_browser';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Alert } from '../parts/alert';
import { Button, IconButton } from '../parts/button';
import { Picker } from '../parts/picker';
import { t } from '../strings';
import { RoomCard } from './room_card';

const SORTS = (['newest', 'people', 'name'] as const satisfies readonly RoomSort[]).map(
  (value) => ({ value, label: t.dashboard.sorts[value] }),
);

/** The public rooms: asked for at first, and again whenever the server is back. */
export function RoomList() {
  const dispatch = useAppDispatch();
  const status = useAppSelector((state) => selectSignaling(state).status);
  const loading = useAppSelector((state) => state.room.loading === 'list');
  const [answered, setAnswered] = useState(false);

  useEffect(() => {
    if (status !== 'connected') return;
    void dispatch(fetchRooms()).then(() => setAnswered(true));
  }, [dispatch, status]);

  return (
    <section className="rooms" aria-labelledby="rooms-title">
      <div className="rooms-head">
        <h2 id="rooms-title">{t.dashboard.rooms}</h2>
        <Filters
          busy={loading}
          onRefresh={() => {
            dispatch(clearRoomError());
            void dispatch(fetchRooms());
          }}
        />
      </div>
      {status === 'disconnected' || status === 'idle' ? (
        <Alert tone="danger" explanation={t.common.unreachable} code="offline">
          <Button onClick={() => dispatch(connect())}>{t.common.connect}</Button>
        </Alert>
      ) : (
        <Rooms answered={answered} />
      )}
    </section>
  );
}

function Filters({ busy, onRefresh }: { readonly busy: boolean; readonly onRefresh: () => void }) {
  const dispatch = useAppDispatch();
  const { search, sortBy } = useAppSelector((state) => state.room.filter);
  return (
    <div className="rooms-filters">
      <div className="input-icon rooms-search">
        <Search size={18} aria-hidden="true" />
        <input
          className="input"
          type="search"
          aria-label={t.dashboard.search}
          placeholder={t.dashboard.searchPlaceholder}
          data-testid="room-search"
          value={search}
          onChange={(event) => dispatch(setRoomFilter({ search: event.target.value }))}
        />
        {search && (
          <IconButton
            label={t.dashboard.clearSearch}
            icon={X}
            onClick={() => dispatch(setRoomFilter({ search: '' }))}
          />
        )}
      </div>
      <Picker
        label={t.dashboard.sort}
        options={SORTS}
        value={sortBy}
        onChange={(value) => dispatch(setRoomFilter({ sortBy: value }))}
      />
      <IconButton
        label={t.dashboard.refresh}
        icon={RefreshCw}
        className={busy ? 'refreshing' : ''}
        onClick={onRefresh}
      />
    </div>
  );
}

function Rooms({ answered }: { readonly answered: boolean }) {
  const rooms = useAppSelector(selectRooms);
  const known = useAppSelector((state) => state.room.list.length > 0) || answered;
  const search = useAppSelector((state) => state.room.filter.search.trim());
  const now = useNow(30_000);
  const slow = useDelayed(!known, 300);
  if (rooms.length > 0) {
    return (
      <>
        <p className="visually-hidden" role="status">
          {t.dashboard.roomCount(rooms.length)}
        </p>
        <ul className="room-cards">
          {rooms.map((room) => (
            <RoomCard key={room.id} room={room} now={now} />
          ))}
        </ul>
      </>
    );
  }
  if (!known) return <Skeleton shown={slow} />;
  return (
    <div className="empty" role="status">
      <DoorOpen size={28} aria-hidden="true" />
      <p className="empty-title">{search ? t.dashboard.noMatch(search) : t.dashboard.empty}</p>
      <p className="muted">{search ? t.dashboard.noMatchAdvice : t.dashboard.emptyAdvice}</p>
    </div>
  );
}

/** Keeps the place of the cards to come; visible only when they take their time. */
function Skeleton({ shown }: { readonly shown: boolean }) {
  return (
    <div className="room-cards" aria-busy="true" data-shown={shown}>
      {shown && <p className="visually-hidden">{t.common.loading}</p>}
      {[0, 1, 2].map((index) => (
        <div key={index} className="room-card skeleton" data-shown={shown} />
      ))}
    </div>
  );
}
