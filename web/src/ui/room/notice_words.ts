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

function screenWords({ reason = '' }: Words): string {
  const words: Readonly<Record<string, string>> = t.room.screenFailed;
  return words[reason] ?? t.room.screenFailed.other;
}

const WORDS: Record<NotificationCode, (values: Words) => string | null> = {
  'member-joined': (values) => t.room.joined(name(values), Number(values['others'] ?? 0)),
  'member-left': leftWords,
  'host-changed': (values) =>
    values['self'] === 'true' ? t.room.youAreHost : t.room.becameHost(name(values)),
  'device-lost': (values) => deviceWords('device-lost', values),
  'device-switched': (values) => deviceWords('device-switched', values),
  failure: failureWords,
  update: () => t.room.updated,
  'screen-failed': screenWords,
  'mode-pinned': (values) =>
    t.course.pinned(name(values), t.course.ways[values['mode'] === 'sfu' ? 'sfu' : 'mesh']),
  'mode-unpinned': () => t.course.unpinned,
  'hand-raised': (values) => t.room.handRaised(name(values)),
  'server-draining': ({ part, seconds }) =>
    t.room.serverDraining[part === 'media' ? 'media' : 'signaling'](Number(seconds ?? 0)),
  'data-slow': () => t.room.dataSlow,
  // These have a page of their own.
  'room-closed': () => null,
  'room-lost': () => null,
  goodbye: () => null,
};

/** The sentence for a notification; null where the page shows it in another way. */
export function noticeWords({ code, values }: Notification): string | null {
  return WORDS[code](values);
}
