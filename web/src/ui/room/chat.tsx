import { ArrowDown, MessageSquare, SendHorizontal } from 'lucide-react';
import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type SubmitEvent,
} from 'react';

import {
  retryMessage,
  selectCurrentMessages,
  selectGrants,
  sendMessage,
  type ChatEntry,
} from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Avatar } from '../parts/avatar';
import { Button, IconButton } from '../parts/button';
import { t } from '../strings';
import { clock, piecesOf } from './chat_text';

const words = t.room.chat;

/** Messages by one person within this time stand under one name. */
const TOGETHER_MS = 3 * 60_000;
const LONGEST = 4000;

function follows(entry: ChatEntry, before: ChatEntry | undefined): boolean {
  if (before?.from !== entry.from || before.name !== entry.name) return false;
  return Date.parse(entry.sentAt) - Date.parse(before.sentAt) < TOGETHER_MS;
}

export function Chat() {
  const { data } = useAppSelector(selectGrants);
  return (
    <div className="chat">
      <Log />
      {data ? (
        <Composer />
      ) : (
        <p className="composer muted" data-testid="chat-read-only">
          {words.readOnly}
        </p>
      )}
    </div>
  );
}

function Log() {
  const entries = useAppSelector(selectCurrentMessages);
  const list = useRef<HTMLDivElement>(null);
  /** Whether the newest message is in view, and is to stay so. */
  const [atEnd, setAtEnd] = useState(true);
  const last = entries.at(-1);

  useLayoutEffect(() => {
    const element = list.current;
    if (element && (atEnd || last?.own)) element.scrollTop = element.scrollHeight;
  }, [atEnd, last]);

  return (
    <div className="chat-log-frame">
      <div
        className="chat-log"
        ref={list}
        role="log"
        aria-label={words.log}
        // Scrolled with the keyboard by those who use no mouse.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={({ currentTarget: element }) => {
          const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
          setAtEnd(rest < 40);
        }}
      >
        {entries.length === 0 && (
          <div className="panel-empty">
            <MessageSquare size={28} aria-hidden="true" />
            <p className="empty-title">{words.empty}</p>
            <p className="muted">{words.emptyAdvice}</p>
          </div>
        )}
        {entries.map((entry, index) => (
          <Message key={entry.key} entry={entry} follows={follows(entry, entries[index - 1])} />
        ))}
      </div>
      {!atEnd && (
        <Button className="chat-newest" icon={ArrowDown} onClick={() => setAtEnd(true)}>
          {words.newMessages}
        </Button>
      )}
    </div>
  );
}

function Message({
  entry,
  follows: joined,
}: {
  readonly entry: ChatEntry;
  readonly follows: boolean;
}) {
  const dispatch = useAppDispatch();
  const { nonce, status } = entry;
  return (
    <article
      className="message"
      data-testid="chat-message"
      data-order={entry.order ?? undefined}
      data-pending={status === 'pending'}
      data-status={status}
      data-own={entry.own}
      data-joined={joined}
    >
      {!joined && (
        <header className="message-head">
          <Avatar name={entry.name} id={entry.from} />
          <span className="message-name truncate">{entry.own ? t.common.you : entry.name}</span>
          <time className="small muted" dateTime={entry.sentAt}>
            {clock(entry.sentAt)}
          </time>
        </header>
      )}
      <p className="message-text">
        {piecesOf(entry.text).map(({ text, href }, index) =>
          href === null ? (
            text
          ) : (
            <a key={index} href={href} target="_blank" rel="noopener noreferrer">
              {text}
            </a>
          ),
        )}
      </p>
      {status === 'pending' && <p className="message-state">{words.pending}</p>}
      {status === 'failed' && (
        <p className="message-state message-failed">
          {words.failed}
          {nonce !== null && (
            <button
              type="button"
              className="link-button"
              onClick={() => dispatch(retryMessage(nonce))}
            >
              {t.common.retry}
            </button>
          )}
        </p>
      )}
    </article>
  );
}

function Composer() {
  const dispatch = useAppDispatch();
  const limit = useAppSelector((state) => state.rtcConnection.signaling.limits?.chatLength);
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);
  const over = text.trim().length - (limit ?? LONGEST);

  useEffect(() => input.current?.focus(), []);
  useLayoutEffect(() => {
    const element = input.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);

  const submit = (event: SubmitEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!text.trim() || over > 0) return;
    dispatch(sendMessage(text));
    setText('');
    input.current?.focus();
  };

  return (
    <form className="composer" onSubmit={submit}>
      <textarea
        ref={input}
        className="input"
        rows={1}
        aria-label={words.input}
        aria-describedby={over > 0 ? 'composer-over' : undefined}
        aria-invalid={over > 0 || undefined}
        placeholder={words.placeholder}
        data-testid="chat-input"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const composing = event.nativeEvent.isComposing;
          if (event.key === 'Enter' && !event.shiftKey && !composing) submit(event);
        }}
      />
      <IconButton
        type="submit"
        className="composer-send"
        label={words.send}
        icon={SendHorizontal}
        disabled={!text.trim() || over > 0}
      />
      {over > 0 && (
        <p className="field-error" id="composer-over" role="alert">
          {words.tooLong(over)}
        </p>
      )}
    </form>
  );
}
