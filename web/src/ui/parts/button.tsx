import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';

interface ButtonProps extends ComponentProps<'button'> {
  readonly variant?: 'primary' | 'secondary' | 'quiet' | 'danger';
  readonly large?: boolean;
  readonly icon?: LucideIcon | undefined;
  /** Shows a spinner and takes no further press. */
  readonly busy?: boolean;
}

export function Button({
  variant = 'secondary',
  large = false,
  icon: Icon,
  busy = false,
  className = '',
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${variant} ${large ? 'button-large' : ''} ${className}`}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <Spinner /> : Icon && <Icon size={18} aria-hidden="true" />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<'button'> {
  readonly label: string;
  readonly icon: LucideIcon;
}

/** A button that is only an icon; its label is its name and its tip. */
export function IconButton({ label, icon: Icon, className = '', ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`icon-button ${className}`}
    >
      <Icon size={20} aria-hidden="true" />
    </button>
  );
}

export function Spinner({ size = 18 }: { readonly size?: number }) {
  return <LoaderCircle className="spinner" size={size} aria-hidden="true" />;
}
