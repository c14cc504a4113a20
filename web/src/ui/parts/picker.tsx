import { Check, ChevronDown, type LucideIcon } from 'lucide-react';
import { useCallback, useId, useRef, useState, type KeyboardEvent } from 'react';

import { useLeave } from '../hooks/use_browser';

export interface PickerOption<V extends string> {
  readonly value: V;
  readonly label: string;
}

interface PickerProps<V extends string> {
  readonly label: string;
  readonly options: readonly PickerOption<V>[];
  readonly value: V | null;
  readonly onChange: (value: V) => void;
  readonly icon?: LucideIcon;
  /** Shown when nothing is chosen, or nothing is there to choose. */
  readonly placeholder?: string;
  /** Where the list opens. */
  readonly side?: 'below' | 'above';
  /** From the field around it, if there is one. */
  readonly id?: string;
}

/** How far each key moves the active option. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
};

/** A select-only combobox (WAI-ARIA Authoring Practices): a button and a list of options. */
export function Picker<V extends string>(props: PickerProps<V>) {
  const { label, options, value, onChange, icon: Icon, placeholder = '', side = 'below' } = props;
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const chosen = options.findIndex((option) => option.value === value);
  const close = useCallback(() => setOpen(false), []);
  useLeave(root, open, close);

  const show = () => {
    setActive(Math.max(0, chosen));
    setOpen(true);
  };
  const choose = (index: number) => {
    const option = options[index];
    setOpen(false);
    if (option && option.value !== value) onChange(option.value);
  };
  const move = (key: string, event: KeyboardEvent) => {
    const step = STEPS[key];
    if (step === undefined) return;
    event.preventDefault();
    if (!open) show();
    else setActive(Math.min(options.length - 1, Math.max(0, active + step)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      close();
    } else if (open && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      choose(active);
    } else move(event.key, event);
  };

  return (
    <div className="picker" ref={root}>
      <button
        type="button"
        className="picker-button"
        id={props.id}
        role="combobox"
        aria-label={label}
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-activedescendant={open ? `${id}-${active}` : undefined}
        disabled={options.length === 0}
        onClick={open ? close : show}
        onKeyDown={onKeyDown}
      >
        {Icon && <Icon size={18} aria-hidden="true" />}
        <span className="picker-value truncate">{options[chosen]?.label ?? placeholder}</span>
        <ChevronDown size={16} aria-hidden="true" />
      </button>
      {open && (
        <div
          className="popover picker-list"
          data-side={side}
          role="listbox"
          id={`${id}-list`}
          aria-label={label}
        >
          {options.map((option, index) => (
            // The combobox keeps the focus and takes the keys, as the pattern asks.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={option.value}
              id={`${id}-${index}`}
              className="option"
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              data-active={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(index)}
            >
              <span className="option-words truncate">{option.label}</span>
              {index === chosen && <Check size={16} aria-hidden="true" />}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
