import { Link } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';

import {
  pinParticipant,
  selectCurrentRoom,
  toggleAudio,
  toggleHand,
  toggleVideo,
} from '../../store';
import { useTitle } from '../hooks/use_browser';
import { layoutAfter } from '../hooks/use_layout';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Mark } from '../parts/brand';
import { IconButton } from '../parts/button';
import { t } from '../strings';
import { ChatAnnouncer } from './chat_announcer';
import { ControlBar } from './control_bar';
import { CourseHints } from './course_hints';
import { RoomDialogs } from './dialogs';
import { LayoutAnnouncer } from './layout_menu';
import { ModeBadge } from './mode_badge';
import { Notices, type LocalNotice } from './notices';
import { SayContext } from './notices_context';
import { ReactionAnnouncer } from './reactions';
import { SidePanel } from './side_panel';
import { Sound } from './sound';
import { Stage } from './stage';
import { StatusBadge } from './status_badge';
import { StrainedHint } from './strained_hint';
import { useCopyLink } from './use_copy_link';
import { usePushToTalk } from './use_push_to_talk';
import { useRoomUi, type RoomUi } from './use_room_ui';
import { useShortcuts } from './use_shortcuts';
import { WeakNetwork } from './weak_network';

interface RoomProps {
  readonly onLeave: () => void;
}

/** The call: people in the middle, controls below, one panel at the side. */
export function Room({ onLeave }: RoomProps) {
  const dispatch = useAppDispatch();
  const ui = useRoomUi();
  const { notices, say, done } = useLocalNotices();
  const talking = usePushToTalk();

  useShortcuts({
    microphone: () => dispatch(toggleAudio()),
    camera: () => dispatch(toggleVideo()),
    chat: () => ui.togglePanel('chat'),
    people: () => ui.togglePanel('people'),
    layout: () => ui.setLayout(layoutAfter(ui.layout)),
    hand: () => dispatch(toggleHand()),
    help: () => ui.setDialog('shortcuts'),
    close: () => {
      if (ui.dialog !== null) ui.setDialog(null);
      else if (ui.panel !== null) ui.closePanel();
      else dispatch(pinParticipant(null));
    },
  });

  return (
    <SayContext value={say}>
      <div className="room" data-panel={ui.panel !== null}>
        <main className="room-main">
          <RoomHead ui={ui} />
          <Notices local={notices} onDone={done}>
            <CourseHints />
            <StrainedHint />
            <WeakNetwork />
          </Notices>
          <Stage layout={ui.layout} onPeople={() => ui.showPanel('people')} />
          <Sound />
          {talking && (
            <p className="talking" role="status">
              {t.room.talking}
            </p>
          )}
          <ControlBar ui={ui} onLeave={onLeave} />
        </main>
        {ui.panel !== null && <SidePanel ui={ui} tab={ui.panel} />}
        <ChatAnnouncer />
        <ReactionAnnouncer />
        <LayoutAnnouncer layout={ui.layout} />
        <RoomDialogs ui={ui} />
      </div>
    </SayContext>
  );
}

/** What the page itself has to say; newest last, few at a time. */
function useLocalNotices() {
  const [notices, setNotices] = useState<readonly LocalNotice[]>([]);
  const next = useRef(0);
  const say = useCallback((text: string) => {
    next.current += 1;
    const id = next.current;
    setNotices((before) => [...before.filter((one) => one.text !== text), { id, text }].slice(-3));
  }, []);
  const done = useCallback(
    (id: number) => setNotices((before) => before.filter((one) => one.id !== id)),
    [],
  );
  return useMemo(() => ({ notices, say, done }), [notices, say, done]);
}

function RoomHead({ ui }: { readonly ui: RoomUi }) {
  const name = useAppSelector(selectCurrentRoom)?.name ?? t.room.unnamedRoom;
  const alone = useAppSelector((state) => state.participants.list.length === 0);
  const copy = useCopyLink();
  useTitle(t.room.title(name));
  return (
    <header className="room-head">
      <Mark size={24} />
      <h1 className="truncate">{name}</h1>
      <IconButton
        label={t.room.copyLink}
        icon={Link}
        data-testid={alone ? undefined : 'copy-link'}
        onClick={copy}
      />
      <div className="room-head-end">
        <ModeBadge ui={ui} />
        <StatusBadge ui={ui} />
      </div>
    </header>
  );
}
