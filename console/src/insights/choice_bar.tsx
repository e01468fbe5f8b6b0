// What the page is about: places, kinds, time and step. It lives in the address; this only alters it.
import { useState } from 'react';
import { useCameras } from '../app/cameras';
import { dayIn, type Day } from '../lib/time_zone';
import { zoneWords } from '../lib/words';
import { FilterIcon } from '../ui/icons';
import { MultiSelect, Popover, SelectOne } from '../ui/menu';
import { Field } from '../ui/parts';
import type { ZoneKind } from '../gen/api';
import {
  ATTENTION_KINDS,
  daysFault,
  mayStepByHour,
  PERIODS,
  stepOf,
  type Bounds,
  type Choice,
  type Period,
  type Step,
} from './query';

const periodWords: Record<Period, string> = {
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': 'Last 7 days',
  '28d': 'Last 28 days',
};

export function ChoiceBar({
  choice,
  bounds,
  timeZone,
  onChange,
}: {
  choice: Choice;
  bounds: Bounds;
  timeZone: string;
  onChange: (choice: Choice) => void;
}) {
  const { stores, list, nameOf } = useCameras();
  const change = (part: Partial<Choice>) => onChange({ ...choice, ...part });
  const conditions = [choice.stores, choice.cameras, choice.kinds].filter(
    (one) => one.length,
  ).length;
  const first = dayIn(bounds.from, timeZone);
  const last = dayIn(bounds.until - 1, timeZone);
  const words = choice.period === 'custom' ? `${first} – ${last}` : periodWords[choice.period];

  return (
    <details className="filter" open={window.matchMedia('(min-width: 641px)').matches}>
      <summary className="filter-summary">
        <FilterIcon size={16} /> {words}
        {conditions > 0 && <span className="badge">{conditions}</span>}
      </summary>
      <div className="filter-bar">
        <Popover
          className="select"
          name={`Period: ${words}`}
          label={
            <>
              <span className="select-label">Period</span>
              <span className="select-value">{words}</span>
            </>
          }
        >
          {(close) => (
            <div className="time-choices">
              {(Object.keys(PERIODS) as Period[]).map((period) => (
                <button
                  key={period}
                  type="button"
                  className="menu-item"
                  aria-pressed={choice.period === period}
                  onClick={() => {
                    change({ period, first: undefined, last: undefined });
                    close();
                  }}
                >
                  {periodWords[period]}
                </button>
              ))}
              <Days
                first={first}
                last={last}
                today={dayIn(Date.now(), timeZone)}
                onChoose={(days) => {
                  change({ period: 'custom', ...days });
                  close();
                }}
              />
            </div>
          )}
        </Popover>
        <SelectOne
          label="By"
          neutral
          value={stepOf(choice, bounds.days)}
          onChange={(step) => change({ step: step as Step })}
          choices={[
            ...(mayStepByHour(bounds.days) ? [{ value: 'hour', label: 'hour' }] : []),
            { value: 'day', label: 'day' },
          ]}
        />
        {stores.length > 1 && (
          <MultiSelect
            label="Store"
            all="All"
            chosen={choice.stores}
            onChange={(next) => change({ stores: next, zone: '' })}
            choices={stores.map((store) => ({ value: store, label: store }))}
          />
        )}
        <MultiSelect
          label="Camera"
          all="All"
          chosen={choice.cameras}
          onChange={(cameras) => change({ cameras, zone: '' })}
          choices={list
            .filter(
              ({ camera }) =>
                choice.stores.length === 0 || choice.stores.includes(camera?.storeId ?? ''),
            )
            .map(({ camera }) => ({
              value: camera?.cameraId ?? '',
              label: nameOf(camera?.cameraId ?? ''),
              note: camera?.storeId,
            }))}
        />
        <MultiSelect
          label="Kind of zone"
          all="All"
          chosen={choice.kinds}
          onChange={(kinds) => change({ kinds: kinds as ZoneKind[], zone: '' })}
          choices={ATTENTION_KINDS.map((kind) => ({ value: kind, label: zoneWords[kind] }))}
        />
      </div>
    </details>
  );
}

/** Both days are taken at once: a day that is half typed is none. */
function Days({
  first,
  last,
  today,
  onChoose,
}: {
  first: Day;
  last: Day;
  today: Day;
  onChoose: (days: { first: Day; last: Day }) => void;
}) {
  const [days, setDays] = useState({ first, last });
  const fault = daysFault(days.first, days.last);
  return (
    <form
      className="form period-days"
      onSubmit={(event) => {
        event.preventDefault();
        if (!fault) onChoose(days);
      }}
    >
      <Field label="First day">
        <input
          className="input"
          type="date"
          max={today}
          value={days.first}
          onChange={(event) => setDays({ ...days, first: event.target.value })}
        />
      </Field>
      <Field label="Last day" error={fault}>
        <input
          className="input"
          type="date"
          max={today}
          value={days.last}
          onChange={(event) => setDays({ ...days, last: event.target.value })}
        />
      </Field>
      <button type="submit" className="button small" disabled={fault !== ''}>
        Show these days
      </button>
    </form>
  );
}
