import type { Notification, NotificationCode } from '../../store';
import { t } from '../strings';

type Words = Readonly<Record<string, string>>;

const name = ({ name: given }: Words): string => given || t.common.nobody;

function leftWords(values: Words): string {
  if (values['reason'] === 'timed-out') return t.room.lost(name(values));
  if (values['reason'] === 'removed') return t.room.removed(name(values));
  return t.room.left(name(values));
}

function deviceWords(code: 'device-lost' | 'device-switched', values: Words): string {
  const kinds = t.room.deviceNotices[code];
  const kind = values['kind'];
  const words = kind === 'camera' || kind === 'speaker' ? kinds[kind] : kinds.microphone;
  return words(values['label'] ?? '');
}

function failureWords(values: Words): string {
  const errors: Readonly<Record<string, { title: string; advice: string }>> = t.common.errors;
  const found = errors[values['code'] ?? ''] ?? t.common.unknownError;
  return `${found.title} ${found.advice}`;
}

const WORDS: Record<NotificationCode, (values: Words) => string | null> = {
  'member-joined': (values) => t.room.joined(name(values)),
  'member-left': leftWords,
  'host-changed': (values) =>
    values['self'] === 'true' ? t.room.youAreHost : t.room.becameHost(name(values)),
  'device-lost': (values) => deviceWords('device-lost', values),
  'device-switched': (values) => deviceWords('device-switched', values),
  failure: failureWords,
  update: () => t.room.updated,
  // These have a page of their own, or nothing to do with a call without screens.
  'room-closed': () => null,
  'room-lost': () => null,
  goodbye: () => null,
  'screen-failed': () => null,
};

/** The sentence for a notification; null where the page shows it in another way. */
export function noticeWords({ code, values }: Notification): string | null {
  return WORDS[code](values);
}
