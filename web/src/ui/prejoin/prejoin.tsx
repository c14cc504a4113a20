import { ArrowLeft } from 'lucide-react';
import { useEffect } from 'react';

import { fetchRoomInfo, navigateTo, selectSignaling } from '../../store';
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
  const nameField = useName();
  useTitle(t.prejoin.title(roomName));

  useEffect(() => {
    void capture.acquire();
  }, [capture]);
  useEffect(() => {
    if (status === 'connected') void dispatch(fetchRoomInfo(roomId));
  }, [dispatch, status, roomId]);

  const goHome = () => dispatch(navigateTo({ page: 'dashboard' }));
  if (failure?.code === 'room-not-found') {
    return (
      <Ending
        explanation={explain(failure)}
        code={failure.code}
        actions={[
          { label: t.prejoin.startRoom, run: goHome },
          { label: t.prejoin.back, run: goHome, icon: ArrowLeft },
        ]}
      />
    );
  }
  return (
    <div className="page">
      <header className="page-head">
        <Brand onHome={goHome} />
        <ThemeToggle />
      </header>
      <main className="prejoin">
        <Preview name={nameField.name} />
        <div className="prejoin-troubles">
          <DeviceTroubles />
        </div>
        <JoinForm roomId={roomId} nameField={nameField} />
        <DevicePickers />
      </main>
    </div>
  );
}
