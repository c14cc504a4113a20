import { Component, type ReactNode } from 'react';

import { CheckPage } from './check/check_page';
import { Dashboard } from './dashboard/dashboard';
import { useAppSelector } from './hooks/use_store';
import { useTheme } from './hooks/use_theme';
import { Ending } from './parts/ending';
import { RoomPage } from './room/room_page';
import { t } from './strings';

/** The place that the address bar names. */
export function App() {
  useTheme();
  return (
    <Safe>
      <Place />
    </Safe>
  );
}

function Place() {
  const page = useAppSelector((state) => state.dashboard.currentPage);
  const roomId = useAppSelector((state) => state.room.currentRoomId);
  if (page === 'room' && roomId !== null) return <RoomPage key={roomId} roomId={roomId} />;
  if (page === 'check') return <CheckPage />;
  return <Dashboard />;
}

/** A mistake of ours ends in a sentence and a way back, never in an empty page. */
class Safe extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Ending
        explanation={t.ended.crashed}
        actions={[{ label: t.ended.reload, run: () => window.location.reload() }]}
      />
    );
  }
}
