import { CircleAlert, Eye, EyeOff } from 'lucide-react';
import { useId, useState, type ComponentProps, type ReactNode } from 'react';

import { t } from '../strings';
import { IconButton } from './button';

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  /** The server's code behind `error`. */
  readonly errorCode?: string | undefined;
  readonly children: (attributes: FieldAttributes) => ReactNode;
}

interface FieldAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

/** A label, a control, and below it what to know or what is wrong. */
export function Field({ label, hint, error, errorCode, children }: FieldProps) {
  const id = useId();
  const described = error || hint ? `${id}-about` : undefined;
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': described, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p
          className="field-error"
          id={described}
          role="alert"
          data-testid="error"
          data-code={errorCode}
        >
          <CircleAlert size={15} aria-hidden="true" />
          {error}
        </p>
      ) : (
        hint && (
          <p className="field-hint" id={described}>
            {hint}
          </p>
        )
      )}
    </div>
  );
}

interface TextFieldProps extends ComponentProps<'input'> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | null | undefined;
  readonly errorCode?: string | undefined;
}

export function TextField({ label, hint, error, errorCode, ...input }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} errorCode={errorCode}>
      {(attributes) => <input className="input" type="text" {...input} {...attributes} />}
    </Field>
  );
}

/** A text field that hides what is typed until asked to show it. */
export function PasswordField({ label, hint, error, errorCode, ...input }: TextFieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} hint={hint} error={error} errorCode={errorCode}>
      {(attributes) => (
        <div className="input-adorned">
          <input
            className="input"
            autoComplete="off"
            {...input}
            {...attributes}
            type={shown ? 'text' : 'password'}
          />
          <IconButton
            label={shown ? t.common.hidePassword : t.common.showPassword}
            icon={shown ? EyeOff : Eye}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          />
        </div>
      )}
    </Field>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, hint, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="switch">
      <span className="switch-words">
        <label htmlFor={id}>{label}</label>
        {hint && (
          <span className="field-hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </span>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className="switch-input"
        aria-describedby={hint && `${id}-hint`}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
    </div>
  );
}
