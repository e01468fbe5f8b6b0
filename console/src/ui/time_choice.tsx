// A condition on time: any, a span before now, or from and until.
import { SPANS, type Span, type TimeRange } from '../lib/time';
import { Popover } from './menu';

const spanWords: Record<Span, string> = {
  '1h': 'Last hour',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

/** For <input type="datetime-local">, which knows no zone. */
function localField(time: string | undefined): string {
  if (!time) return '';
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const fromField = (text: string) => (text ? new Date(text).toISOString() : undefined);

export function TimeChoice({
  label,
  fromLabel,
  range,
  note,
  onChange,
}: {
  label: string;
  fromLabel: string;
  range: TimeRange;
  /** Said below the two times. */
  note?: string;
  onChange: (range: TimeRange) => void;
}) {
  const { span, from, until } = range;
  const custom = !span && Boolean(from || until);
  const words = span ? spanWords[span] : custom ? 'From – until' : 'Any time';
  return (
    <Popover
      className="select"
      active={Boolean(span) || custom}
      name={`${label}: ${words}`}
      label={
        <>
          <span className="select-label">{label}</span>
          <span className="select-value">{words}</span>
        </>
      }
    >
      {(close) => (
        <div className="time-choices">
          {[undefined, ...(Object.keys(SPANS) as Span[])].map((one) => (
            <button
              key={one ?? 'any'}
              type="button"
              className="menu-item"
              aria-pressed={!custom && span === one}
              onClick={() => {
                onChange({ span: one, from: undefined, until: undefined });
                close();
              }}
            >
              {one ? spanWords[one] : 'Any time'}
            </button>
          ))}
          <label className="field">
            <span className="field-label">{fromLabel}</span>
            <input
              className="input"
              type="datetime-local"
              value={localField(from)}
              onChange={(event) =>
                onChange({ span: undefined, from: fromField(event.target.value), until })
              }
            />
          </label>
          <label className="field">
            <span className="field-label">until before</span>
            <input
              className="input"
              type="datetime-local"
              value={localField(until)}
              onChange={(event) =>
                onChange({ span: undefined, from, until: fromField(event.target.value) })
              }
            />
          </label>
          {note && <p className="muted small-text">{note}</p>}
        </div>
      )}
    </Popover>
  );
}
