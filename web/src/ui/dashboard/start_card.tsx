import { Plus } from 'lucide-react';
import { useRef, useState, type SubmitEvent } from 'react';

import { createRoom, navigateTo, selectHasSfu, type Failure } from '../../store';
import { useName } from '../hooks/use_name';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { FailureAlert } from '../parts/failure_alert';
import { Button } from '../parts/button';
import { explain } from '../parts/failure';
import { TextField } from '../parts/field';
import { t } from '../strings';
import { roomCodeOf } from './room_code';
import { NO_OPTIONS, RoomOptions } from './room_options';

/** Your name, and the two ways in: a room of your own, or one you were invited to. */
export function StartCard() {
  return (
    <div className="card start">
      <NewRoom />
      <p className="divider" aria-hidden="true">
        <span>{t.dashboard.or}</span>
      </p>
      <JoinByCode />
    </div>
  );
}

/** What a choice asks of the server. */
const MODES = { auto: null, sfu: 'sfu' } as const;

/** Where on the card a failure is shown. */
function placeOf(failure: Failure | null): 'name' | 'room-name' | 'card' | null {
  if (!failure) return null;
  if (failure.code === 'name-invalid' || failure.code === 'name-taken') return 'name';
  return failure.code === 'room-exists' ? 'room-name' : 'card';
}

function NewRoom() {
  const dispatch = useAppDispatch();
  const { name, setName, error, accept } = useName();
  const nameInput = useRef<HTMLInputElement>(null);
  const hasSfu = useAppSelector(selectHasSfu);
  const [options, setOptions] = useState(NO_OPTIONS);
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const defaultName = t.dashboard.roomNameDefault(name.trim());
  const place = placeOf(failure);
  const title = failure && explain(failure).title;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const memberName = accept();
    if (busy || memberName === null) {
      nameInput.current?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    const result = await dispatch(
      createRoom({
        name: options.roomName.trim() || defaultName,
        description: options.description.trim(),
        private: options.isPrivate,
        history: options.history,
        maxParticipants: Number(options.places),
        password: options.password || null,
        mode: MODES[options.travel],
        memberName,
      }),
    );
    if (createRoom.fulfilled.match(result)) {
      dispatch(navigateTo({ page: 'room', roomId: result.payload }));
      return;
    }
    setBusy(false);
    const refused = result.payload ?? { code: 'offline', message: '' };
    setFailure(refused);
    if (placeOf(refused) === 'room-name') setOpen(true);
  };

  return (
    <form className="start-form" onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        ref={nameInput}
        label={t.common.name}
        placeholder={t.common.namePlaceholder}
        autoComplete="nickname"
        data-testid="name"
        value={name}
        error={error ?? (place === 'name' ? title : null)}
        errorCode={failure?.code ?? 'name-invalid'}
        onChange={(event) => {
          setName(event.target.value);
          setFailure(null);
        }}
      />
      <Button type="submit" variant="primary" large icon={Plus} busy={busy} data-testid="new-room">
        {busy ? t.dashboard.opening : t.dashboard.newRoom}
      </Button>
      {place === 'card' && <FailureAlert failure={failure} />}
      <RoomOptions
        options={options}
        onChange={setOptions}
        defaultName={defaultName}
        open={open}
        onToggle={setOpen}
        hasSfu={hasSfu}
        nameError={place === 'room-name' ? title : null}
      />
    </form>
  );
}

function JoinByCode() {
  const dispatch = useAppDispatch();
  const [code, setCode] = useState('');
  const [error, setError] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const roomId = roomCodeOf(code);
    if (roomId !== null) {
      dispatch(navigateTo({ page: 'room', roomId }));
      return;
    }
    setError(code.trim() ? t.dashboard.joinCodeInvalid : t.dashboard.joinCodeMissing);
    input.current?.focus();
  };

  return (
    <form className="start-code" onSubmit={submit} noValidate>
      <TextField
        ref={input}
        label={t.dashboard.joinCode}
        placeholder={t.dashboard.joinCodePlaceholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-testid="join-code"
        value={code}
        error={error}
        onChange={(event) => {
          setCode(event.target.value);
          setError(null);
        }}
      />
      <Button type="submit">{t.dashboard.join}</Button>
    </form>
  );
}
