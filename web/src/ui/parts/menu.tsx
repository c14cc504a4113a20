import { Check, type LucideIcon } from 'lucide-react';
import {
  createContext,
  use,
  useCallback,
  useEffect,
  useId,
  useRef,
  useState,
  type ComponentProps,
  type KeyboardEvent,
  type ReactNode,
} from 'react';

import { useLeave } from '../hooks/use_browser';

export interface MenuItem {
  readonly key: string;
  readonly label: string;
  readonly icon: LucideIcon;
  readonly run: () => void;
  readonly shortcut?: string;
  /** One of several to choose from, and whether it is the one. */
  readonly checked?: boolean;
}

interface PopoverProps {
  readonly label: string;
  /** The button that opens it, given what it needs. */
  readonly button: (attributes: ComponentProps<'button'>) => ReactNode;
  readonly className?: string;
  /** What kind of thing opens, for assistive technology. */
  readonly kind: 'menu' | 'dialog';
  readonly children: ReactNode;
}

/** Closes the popover one is in and gives the focus back to its button. */
const CloseContext = createContext<() => void>(() => undefined);

export function useClosePopover(): () => void {
  return use(CloseContext);
}

/** Something that opens above a button and closes on Escape, or when one goes elsewhere. */
export function Popover({ label, button, className = '', kind, children }: PopoverProps) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  useLeave(root, open, close);
  useEffect(() => {
    if (open) content.current?.querySelector<HTMLElement>('button, [href], input')?.focus();
  }, [open]);
  const back = () => {
    close();
    root.current?.querySelector('button')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    back();
  };
  return (
    // Keys bubble up from the buttons inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={`popover-root ${className}`} ref={root} onKeyDown={onKeyDown}>
      {button({
        'aria-haspopup': kind,
        'aria-expanded': open,
        'aria-controls': open ? id : undefined,
        onClick: () => setOpen(!open),
      })}
      {open && (
        <div
          className="popover popover-above"
          id={id}
          ref={content}
          role={kind === 'dialog' ? 'dialog' : undefined}
          aria-label={kind === 'dialog' ? label : undefined}
        >
          <CloseContext value={back}>{children}</CloseContext>
        </div>
      )}
    </div>
  );
}

interface MenuListProps {
  readonly label: string;
  readonly items: readonly MenuItem[];
}

/** The entries of a menu: arrows move, Enter runs. */
export function MenuList({ label, items }: MenuListProps) {
  const close = useClosePopover();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]')];
    const at = entries.findIndex((entry) => entry === document.activeElement);
    entries[(at + step + entries.length) % entries.length]?.focus();
  };
  return (
    <div role="menu" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
      {items.map(({ key, label: words, icon: Icon, run, shortcut, checked }) => (
        <button
          key={key}
          type="button"
          role={checked === undefined ? 'menuitem' : 'menuitemradio'}
          aria-checked={checked}
          className="option"
          onClick={() => {
            close();
            run();
          }}
        >
          <Icon size={18} aria-hidden="true" />
          <span className="option-words">{words}</span>
          {checked && <Check size={18} aria-hidden="true" />}
          {shortcut && (
            <kbd className="key" aria-hidden="true">
              {shortcut}
            </kbd>
          )}
        </button>
      ))}
    </div>
  );
}
