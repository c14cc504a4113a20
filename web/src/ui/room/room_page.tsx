import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';

import {
  connect,
  joinRoom,
  leaveRoom,
  navigateTo,
  selectInRoom,
  selectSignaling,
  type RootState,
} from '../../store';
import { useDelayed, useTitle } from '../hooks/use_browser';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Spinner } from '../parts/button';
import { Ending } from '../parts/ending';
import { Prejoin } from '../prejoin/prejoin';
import { t, type Explanation } from '../strings';
import { Room } from './room';

/** Why we are out of a room: our own wish, or a reason of the server's. */
type Ended = string;

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ...t.common.errors,
  left: t.ended.left,
  'closed-by-operator': t.ended.closed,
  'server-shutdown': t.ended.shutdown,
  'timed-out': t.ended.timedOut,
};

/** After these there is no room to go back to. */
const FINAL: readonly Ended[] = ['closed-by-operator', 'room-not-found'];

/** The server's reason, from the last notification about a room that went away. */
function reasonIn(state: RootState): Ended {
  const gone = state.dashboard.notifications.findLast(
    ({ code }) => code === 'room-closed' || code === 'room-lost',
  );
  return gone?.values['reason'] ?? 'removed';
}

/** One room's address: before it, in it, and after it. */
export function RoomPage({ roomId }: { readonly roomId: string }) {
  const dispatch = useAppDispatch();
  const inRoom = useAppSelector(selectInRoom);
  const reason = useAppSelector(reasonIn);
  const { goodbye } = useAppSelector(selectSignaling);
  const [wasIn, setWasIn] = useState(inRoom);
  const [ended, setEnded] = useState<Ended | null>(null);
  const returning = useReturning();
  if (wasIn !== inRoom) {
    setWasIn(inRoom);
    setEnded(wasIn ? (ended ?? reason) : null);
  }

  if (goodbye && /replaced/.test(goodbye.code)) return <Replaced roomId={roomId} />;
  if (inRoom) {
    return (
      <Room
        onLeave={() => {
          setEnded('left');
          dispatch(leaveRoom());
        }}
      />
    );
  }
  if (ended !== null) return <After ended={ended} roomId={roomId} onBack={() => setEnded(null)} />;
  if (returning) return <Returning />;
  return <Prejoin roomId={roomId} />;
}

/** Whether a reloaded page is on its way back: it is when it is first drawn, or never. */
function useReturning(): boolean {
  const joining = useAppSelector((state) => state.room.loading === 'join');
  const [returning, setReturning] = useState(joining);
  if (returning && !joining) setReturning(false);
  return returning;
}

/** The way back into a room after a reload: short, and dark as the room itself. */
function Returning() {
  const late = useDelayed(true, 400);
  return (
    <main className="returning" aria-busy="true">
      {late && (
        <p className="tile-progress" role="status">
          <Spinner />
          {t.prejoin.joining}
        </p>
      )}
    </main>
  );
}

function useRejoin(roomId: string): () => void {
  const dispatch = useAppDispatch();
  const name = useAppSelector((state) => state.auth.user?.name);
  return () => {
    if (name !== undefined) void dispatch(joinRoom({ roomId, name }));
  };
}

interface AfterProps {
  readonly ended: Ended;
  readonly roomId: string;
  readonly onBack: () => void;
}

function After({ ended, roomId, onBack }: AfterProps) {
  const dispatch = useAppDispatch();
  const rejoin = useRejoin(roomId);
  useTitle(t.dashboard.title);
  const goHome = {
    label: t.ended.home,
    icon: ArrowLeft,
    run: () => dispatch(navigateTo({ page: 'dashboard' })),
  };
  const again = {
    label: t.ended.rejoin,
    testId: 'rejoin',
    run: () => {
      onBack();
      rejoin();
    },
  };
  return (
    <Ending
      explanation={EXPLANATIONS[ended] ?? t.ended.removed}
      actions={FINAL.includes(ended) ? [goHome] : [again, goHome]}
    />
  );
}

/** Another tab or device has taken our place. */
function Replaced({ roomId }: { readonly roomId: string }) {
  const dispatch = useAppDispatch();
  const rejoin = useRejoin(roomId);
  useTitle(t.dashboard.title);
  return (
    <Ending
      explanation={t.ended.replaced}
      actions={[
        {
          label: t.ended.useHere,
          testId: 'use-here',
          run: () => {
            dispatch(connect());
            rejoin();
          },
        },
        {
          label: t.ended.home,
          icon: ArrowLeft,
          run: () => dispatch(navigateTo({ page: 'dashboard' })),
        },
      ]}
    />
  );
}
