import { selectCurrentMessages } from '../../store';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';

/** Reads the newest message out while the chat is closed; open, its log does that. */
export function ChatAnnouncer() {
  const open = useAppSelector((state) => state.messages.open);
  const unread = useAppSelector((state) => state.messages.unreadCount);
  const last = useAppSelector((state) => selectCurrentMessages(state).at(-1));
  const words =
    last && !open && unread > 0 && !last.own ? t.room.chat.announce(last.name, last.text) : '';
  return (
    <p className="visually-hidden" role="status">
      {words}
    </p>
  );
}
