import { ArrowLeft } from 'lucide-react';
import { useEffect } from 'react';

import {
  clearRoomError,
  fetchRoomInfo,
  navigateTo,
  selectGrants,
  selectIsInvited,
  selectOpensRoom,
  selectSignaling,
  type Failure,
} from '../../store';
import { CheckLink } from '../check/check_link';
import { DevicePickers } from '../devices/device_pickers';
import { DeviceTroubles } from '../devices/device_troubles';
import { useTitle } from '../hooks/use_browser';
import { useName } from '../hooks/use_name';
import { useServices } from '../hooks/use_services';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Brand } from '../parts/brand';
import { Ending } from '../parts/ending';
import { explain } from '../parts/failure';
import { ThemeToggle } from '../parts/theme';
import { t } from '../strings';
import { JoinForm } from './join_form';
import { Preview } from './preview';

/** The place before the room: see and hear yourself, say who you are, go in. */
export function Prejoin({ roomId }: { readonly roomId: string }) {
  const dispatch = useAppDispatch();
  const { capture } = useServices();
  const status = useAppSelector((state) => selectSignaling(state).status);
  const roomName = useAppSelector((state) => state.room.preview?.room.name ?? '');
  const failure = useAppSelector((state) => state.room.error);
  const { publish } = useAppSelector(selectGrants);
  const opens = useAppSelector(selectOpensRoom);
  const nameField = useName();
  useTitle(t.prejoin.title(roomName));

  useEffect(() => {
    void capture.acquire();
  }, [capture]);
  useEffect(() => {
    if (status === 'connected' && !opens) void dispatch(fetchRoomInfo(roomId));
  }, [dispatch, status, roomId, opens]);

  const goHome = () => dispatch(navigateTo({ page: 'dashboard' }));
  if (failure?.code === 'room-not-found') return <NoRoom roomId={roomId} failure={failure} />;
  return (
    <div className="page">
      <header className="page-head">
        <Brand onHome={goHome} />
        <div className="page-head-tools">
          <CheckLink />
          <ThemeToggle />
        </div>
      </header>
      <main className="prejoin">
        <Preview name={nameField.name} />
        <div className="prejoin-troubles">
          <DeviceTroubles />
        </div>
        <JoinForm roomId={roomId} nameField={nameField} />
        {publish && <DevicePickers />}
      </main>
    </div>
  );
}

interface NoRoomProps {
  readonly roomId: string;
  readonly failure: Failure;
}

/** There is no such room; who was invited to it may only be early. */
function NoRoom({ roomId, failure }: NoRoomProps) {
  const dispatch = useAppDispatch();
  const isInvited = useAppSelector(selectIsInvited);
  const goHome = () => dispatch(navigateTo({ page: 'dashboard' }));
  const retry = () => {
    dispatch(clearRoomError());
    void dispatch(fetchRoomInfo(roomId));
  };
  return (
    <Ending
      explanation={isInvited ? t.prejoin.notOpen : explain(failure)}
      code={failure.code}
      actions={[
        isInvited
          ? { label: t.common.retry, run: retry, testId: 'look-again' }
          : { label: t.prejoin.startRoom, run: goHome },
        { label: t.prejoin.back, run: goHome, icon: ArrowLeft },
      ]}
    />
  );
}
