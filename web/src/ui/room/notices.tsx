import { X } from 'lucide-react';
import { useEffect, useEffectEvent, type ReactNode } from 'react';

import { dismissNotification, type Notification } from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { IconButton } from '../parts/button';
import { t } from '../strings';
import { noticeWords } from './notice_words';

/** How long a notice stays that asks nothing. */
const STAYS_MS = 5000;

export interface LocalNotice {
  readonly id: number;
  readonly text: string;
}

interface NoticesProps {
  /** What the page itself says, besides the store's notifications. */
  readonly local: readonly LocalNotice[];
  readonly onDone: (id: number) => void;
  /** What stays until it is dealt with. */
  readonly children?: ReactNode;
}

/** Short sentences at the top, read out politely, gone by themselves. */
export function Notices({ local, onDone, children }: NoticesProps) {
  const notifications = useAppSelector((state) => state.dashboard.notifications);
  return (
    <div className="notices">
      {children}
      <div className="notice-list" role="log" aria-live="polite" aria-label={t.room.notices}>
        {notifications.map((notification) => (
          <StoreNotice key={notification.id} notification={notification} />
        ))}
        {local.map(({ id, text }) => (
          <Notice key={id} text={text} tone="info" onDone={() => onDone(id)} />
        ))}
      </div>
    </div>
  );
}

function StoreNotice({ notification }: { readonly notification: Notification }) {
  const dispatch = useAppDispatch();
  const text = noticeWords(notification);
  if (text === null) return null;
  return (
    <Notice
      text={text}
      tone={notification.tone}
      onDone={() => dispatch(dismissNotification(notification.id))}
    />
  );
}

interface NoticeProps {
  readonly text: string;
  readonly tone: Notification['tone'];
  readonly onDone: () => void;
}

function Notice({ text, tone, onDone }: NoticeProps) {
  const done = useEffectEvent(onDone);
  useEffect(() => {
    const timer = setTimeout(() => done(), STAYS_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="notice" data-testid="notice" data-tone={tone}>
      <p>{text}</p>
      <IconButton label={t.common.dismiss} icon={X} onClick={onDone} />
    </div>
  );
}
