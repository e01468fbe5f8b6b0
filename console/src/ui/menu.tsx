// A button that opens a small panel below it: filters and the user's menu.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { DownIcon } from './icons';

interface PopoverProps {
  label: ReactNode;
  /** Accessible name where the label alone does not say enough. */
  name?: string;
  className?: string;
  active?: boolean;
  align?: 'start' | 'end';
  children: (close: () => void) => ReactNode;
}

export function Popover({
  label,
  name,
  className = 'button',
  active,
  align = 'start',
  children,
}: PopoverProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);

  const close = () => {
    setOpen(false);
    button.current?.focus();
  };

  return (
    <div
      className="popover-root"
      ref={root}
      onKeyDown={(event) => {
        if (open && event.key === 'Escape') {
          event.stopPropagation();
          // A dialog around it stays open.
          event.preventDefault();
          close();
        }
      }}
      onBlur={(event) => {
        if (event.relatedTarget && !root.current?.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className={active ? `${className} active` : className}
        aria-label={name}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div id={id} className={`popover ${align}`}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

export interface Choice {
  value: string;
  label: string;
  note?: string;
}

/** Any number of choices; none chosen means all. */
export function MultiSelect({
  label,
  all,
  choices,
  chosen,
  onChange,
}: {
  label: string;
  all: string;
  choices: Choice[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const [search, setSearch] = useState('');
  const only =
    chosen.length === 1
      ? (choices.find((choice) => choice.value === chosen[0])?.label ?? chosen[0])
      : undefined;
  const text = chosen.length === 0 ? all : (only ?? `${chosen.length} chosen`);
  const wanted = search.trim().toLowerCase();
  const shown = choices.filter((choice) =>
    `${choice.label} ${choice.value}`.toLowerCase().includes(wanted),
  );
  const toggle = (value: string) =>
    onChange(
      chosen.includes(value) ? chosen.filter((other) => other !== value) : [...chosen, value],
    );
  return (
    <Popover
      className="select"
      active={chosen.length > 0}
      name={`${label}: ${text}`}
      label={
        <>
          <span className="select-label">{label}</span>
          <span className="select-value">{text}</span>
          <DownIcon size={14} />
        </>
      }
    >
      {() => (
        <fieldset className="choices">
          <legend className="sr-only">{label}</legend>
          {choices.length > 10 && (
            <input
              type="search"
              className="input"
              placeholder="Search"
              aria-label={`Search ${label.toLowerCase()}`}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          )}
          <div className="choices-list">
            {shown.map((choice) => (
              <label key={choice.value} className="choice">
                <input
                  type="checkbox"
                  checked={chosen.includes(choice.value)}
                  onChange={() => toggle(choice.value)}
                />
                <span>{choice.label}</span>
                {choice.note && <span className="muted">{choice.note}</span>}
              </label>
            ))}
            {shown.length === 0 && <p className="muted pad">Nothing fits.</p>}
          </div>
          {chosen.length > 0 && (
            <button type="button" className="button quiet" onClick={() => onChange([])}>
              Show all
            </button>
          )}
        </fieldset>
      )}
    </Popover>
  );
}

/** One of several choices; the empty value means no condition. */
export function SelectOne({
  label,
  choices,
  value,
  neutral,
  onChange,
}: {
  label: string;
  choices: Choice[];
  value: string;
  /** It is a setting, not a condition that is in force. */
  neutral?: boolean;
  onChange: (value: string) => void;
}) {
  return (
    <label className={value && !neutral ? 'select active' : 'select'}>
      <span className="select-label">{label}</span>
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </label>
  );
}
