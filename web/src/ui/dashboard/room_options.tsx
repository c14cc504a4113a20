import { ChevronRight } from 'lucide-react';

import { Field, PasswordField, Switch, TextField } from '../parts/field';
import { Picker } from '../parts/picker';
import { t } from '../strings';

export interface Options {
  readonly roomName: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly history: boolean;
  readonly password: string;
  /** '0': as many as the server allows. */
  readonly places: string;
  readonly travel: 'auto' | 'sfu';
}

export const NO_OPTIONS: Options = {
  roomName: '',
  description: '',
  isPrivate: false,
  history: true,
  password: '',
  places: '0',
  travel: 'auto',
};

interface RoomOptionsProps {
  readonly options: Options;
  readonly onChange: (options: Options) => void;
  readonly defaultName: string;
  readonly open: boolean;
  readonly onToggle: (open: boolean) => void;
  readonly nameError: string | null;
  /** Whether the server can forward media. */
  readonly hasSfu: boolean;
}

/** A mesh holds about this many; larger rooms are made without a limit of their own. */
const LARGEST_LIMIT = 8;

const LONGEST_NAME = 64;
const LONGEST_DESCRIPTION = 500;

const PLACES = [
  { value: '0', label: t.dashboard.capacityAuto },
  ...Array.from({ length: LARGEST_LIMIT - 1 }, (_, index) => ({
    value: String(index + 2),
    label: t.dashboard.capacityPeople(index + 2),
  })),
];

const TRAVELS = (['auto', 'sfu'] as const).map((value) => ({
  value,
  label: t.dashboard.travels[value],
}));

/** What one may say about a new room, folded away: nobody has to. */
export function RoomOptions(props: RoomOptionsProps) {
  const { options, onChange, defaultName, open, onToggle, nameError, hasSfu } = props;
  const set = (change: Partial<Options>) => onChange({ ...options, ...change });
  return (
    <details
      className="fold room-options"
      open={open}
      onToggle={(event) => onToggle(event.currentTarget.open)}
    >
      <summary>
        <ChevronRight size={16} aria-hidden="true" />
        {t.dashboard.options}
      </summary>
      <div className="room-options-fields">
        <TextField
          label={t.dashboard.roomName}
          placeholder={defaultName}
          error={nameError}
          errorCode="room-exists"
          maxLength={LONGEST_NAME}
          value={options.roomName}
          onChange={(event) => set({ roomName: event.target.value })}
        />
        <TextField
          label={t.dashboard.description}
          placeholder={t.dashboard.descriptionPlaceholder}
          maxLength={LONGEST_DESCRIPTION}
          value={options.description}
          onChange={(event) => set({ description: event.target.value })}
        />
        <div className="room-options-pair">
          <PasswordField
            label={t.dashboard.password}
            placeholder={t.dashboard.passwordPlaceholder}
            autoComplete="new-password"
            value={options.password}
            onChange={(event) => set({ password: event.target.value })}
          />
          <Field label={t.dashboard.capacity}>
            {(attributes) => (
              <Picker
                id={attributes.id}
                label={t.dashboard.capacity}
                options={PLACES}
                value={options.places}
                onChange={(places) => set({ places })}
              />
            )}
          </Field>
        </div>
        {hasSfu && (
          <Field label={t.dashboard.travel}>
            {(attributes) => (
              <Picker
                id={attributes.id}
                label={t.dashboard.travel}
                options={TRAVELS}
                value={options.travel}
                onChange={(travel) => set({ travel })}
              />
            )}
          </Field>
        )}
        <Switch
          label={t.dashboard.private}
          hint={t.dashboard.privateHint}
          checked={options.isPrivate}
          onChange={(isPrivate) => set({ isPrivate })}
        />
        <Switch
          label={t.dashboard.history}
          hint={t.dashboard.historyHint}
          checked={options.history}
          onChange={(history) => set({ history })}
        />
      </div>
    </details>
  );
}
