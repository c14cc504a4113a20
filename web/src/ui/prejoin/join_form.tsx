import { ArrowRight, Users } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject, type SubmitEvent } from 'react';

import {
  clearRoomError,
  connect,
  joinRoom,
  leaveRoom,
  selectGrants,
  selectSignaling,
  type Failure,
} from '../../store';
import type { NameField } from '../hooks/use_name';
import { useCapture } from '../hooks/use_services';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Alert } from '../parts/alert';
import { Button } from '../parts/button';
import { explain } from '../parts/failure';
import { FailureAlert } from '../parts/failure_alert';
import { PasswordField, TextField } from '../parts/field';
import { t } from '../strings';

interface JoinFormProps {
  readonly roomId: string;
  readonly nameField: NameField;
}

/** Failures that belong to a field, and not to the form. */
const AT_NAME: readonly string[] = ['name-taken', 'name-invalid'];
const AT_PASSWORD: readonly string[] = ['wrong-password'];

const among = (failure: Failure | null, codes: readonly string[]): Failure | null =>
  failure && codes.includes(failure.code) ? failure : null;

/** Who you are, the password if there is one, and the way in. */
export function JoinForm({ roomId, nameField }: JoinFormProps) {
  const dispatch = useAppDispatch();
  const failure = useAppSelector((state) => state.room.error);
  const joining = useAppSelector((state) => state.room.loading === 'join');
  const locked = useAppSelector((state) => state.room.preview?.room.hasPassword === true);
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const nameInput = useRef<HTMLInputElement>(null);
  const passwordInput = useRef<HTMLInputElement>(null);
  const joinButton = useRef<HTMLButtonElement>(null);
  useFocus(failure, { nameInput, passwordInput, joinButton });

  const atName = among(failure, AT_NAME);
  const atPassword = among(failure, AT_PASSWORD);
  // Once refused for its password, the room goes on asking for one.
  const [asked, setAsked] = useState(false);
  if (atPassword && !asked) setAsked(true);
  const needsPassword = asked || locked;

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const name = nameField.accept();
    const lacksPassword = needsPassword && !password;
    setMissing(lacksPassword);
    if (name === null) nameInput.current?.focus();
    else if (lacksPassword) passwordInput.current?.focus();
    else if (!joining) void dispatch(joinRoom({ roomId, name, password: password || null }));
  };

  return (
    <form className="join-form" onSubmit={submit} noValidate>
      <RoomAbout />
      <TextField
        ref={nameInput}
        label={t.common.name}
        placeholder={t.common.namePlaceholder}
        autoComplete="nickname"
        data-testid="name"
        value={nameField.name}
        readOnly={nameField.isGiven}
        hint={nameField.isGiven ? t.prejoin.namedByInvitation : undefined}
        error={nameField.error ?? (atName && sentence(atName))}
        errorCode={codeOf(atName, 'name-invalid')}
        onChange={(event) => {
          nameField.setName(event.target.value);
          if (atName) dispatch(clearRoomError());
        }}
      />
      {needsPassword && (
        <RoomPassword
          ref={passwordInput}
          password={password}
          missing={missing}
          failure={atPassword}
          onChange={(next) => {
            setPassword(next);
            setMissing(false);
          }}
        />
      )}
      <FormFailure failure={(atName ?? atPassword) ? null : failure} />
      <JoinButtons ref={joinButton} joining={joining} />
    </form>
  );
}

/** The server's code, or that of our own check. */
const codeOf = (failure: Failure | null, own: string): string => failure?.code ?? own;

const sentence = (failure: Failure): string => {
  const { title, advice } = explain(failure);
  return `${title} ${advice}`;
};

interface RoomPasswordProps {
  readonly ref: RefObject<HTMLInputElement | null>;
  readonly password: string;
  readonly missing: boolean;
  /** The server's refusal of the password, if that was it. */
  readonly failure: Failure | null;
  readonly onChange: (password: string) => void;
}

function RoomPassword({ ref, password, missing, failure, onChange }: RoomPasswordProps) {
  const dispatch = useAppDispatch();
  // Nobody typed a wrong password who typed none.
  const wrong = failure && (password ? sentence(failure) : t.prejoin.passwordMissing);
  return (
    <PasswordField
      ref={ref}
      label={t.prejoin.password}
      data-testid="password"
      value={password}
      error={missing ? t.prejoin.passwordMissing : wrong}
      errorCode={codeOf(failure, 'wrong-password')}
      onChange={(event) => {
        onChange(event.target.value);
        if (failure) dispatch(clearRoomError());
      }}
    />
  );
}

interface Fields {
  readonly nameInput: RefObject<HTMLInputElement | null>;
  readonly passwordInput: RefObject<HTMLInputElement | null>;
  readonly joinButton: RefObject<HTMLButtonElement | null>;
}

/** Puts the cursor where the next key belongs: into what is missing or wrong, else on Join. */
function useFocus(failure: Failure | null, { nameInput, passwordInput, joinButton }: Fields) {
  useEffect(() => {
    // The picture above is what one looks at first, also on a phone.
    const first = nameInput.current?.value ? joinButton : nameInput;
    first.current?.focus({ preventScroll: true });
  }, [nameInput, joinButton]);
  useEffect(() => {
    const input = among(failure, AT_NAME) ? nameInput : passwordInput;
    if (!among(failure, [...AT_NAME, ...AT_PASSWORD])) return;
    input.current?.focus();
    input.current?.select();
  }, [failure, nameInput, passwordInput]);
}

/** The room from its door, once it is known. */
function RoomAbout() {
  const preview = useAppSelector((state) => state.room.preview);
  const failure = useAppSelector((state) => state.room.error);
  if (!preview) {
    return (
      <div className="room-about">
        <h1>{t.prejoin.ready}</h1>
      </div>
    );
  }
  const { room, people } = preview;
  const told = failure?.code === 'room-full';
  const full = !told && room.capacity > 0 && room.participantCount >= room.capacity;
  return (
    <div className="room-about">
      <h1>{room.name}</h1>
      {room.description && <p className="muted">{room.description}</p>}
      <p className="fact muted" data-testid="who">
        <Users size={16} aria-hidden="true" />
        <span>{t.prejoin.who(people, room.participantCount)}</span>
      </p>
      {full && <p className="warning-words">{t.prejoin.full}</p>}
    </div>
  );
}

/** What keeps one from joining, apart from a field: the server's word, or its silence. */
function FormFailure({ failure }: { readonly failure: Failure | null }) {
  const dispatch = useAppDispatch();
  const { status } = useAppSelector(selectSignaling);
  if (status === 'disconnected' || status === 'idle') {
    return (
      <Alert tone="danger" explanation={t.common.unreachable} code="offline">
        <Button onClick={() => dispatch(connect())}>{t.common.connect}</Button>
      </Alert>
    );
  }
  return <FailureAlert failure={failure} />;
}

interface JoinButtonsProps {
  readonly ref: RefObject<HTMLButtonElement | null>;
  readonly joining: boolean;
}

function JoinButtons({ ref, joining }: JoinButtonsProps) {
  const dispatch = useAppDispatch();
  const { microphone, camera } = useCapture();
  const { publish } = useAppSelector(selectGrants);
  const without = microphone.status === 'failed' && camera.status === 'failed';
  const listening = without || !publish;
  const word = listening ? t.prejoin.joinListening : t.prejoin.join;
  return (
    <>
      <Button
        ref={ref}
        type="submit"
        variant="primary"
        large
        icon={ArrowRight}
        busy={joining}
        data-testid="join"
      >
        {joining ? t.prejoin.joining : word}
      </Button>
      {joining && (
        <Button variant="quiet" onClick={() => dispatch(leaveRoom())}>
          {t.common.cancel}
        </Button>
      )}
    </>
  );
}
