// Conditions of the list. They live in the address; this only alters them.
import {
  IncidentKindValues,
  type IncidentKind,
  type IncidentState,
  type ReviewState,
  type Severity,
} from '../gen/api';
import { useCameras } from '../app/cameras';
import { deviceTimeZone, timeZoneTag, timeZoneWords } from '../lib/time_zone';
import { kindWords } from '../lib/words';
import { MultiSelect, SelectOne } from '../ui/menu';
import { TimeChoice } from '../ui/time_choice';
import { CloseIcon, FilterIcon } from '../ui/icons';
import { filterCount, type Filter } from './filter';

export function FilterBar({
  filter,
  onChange,
}: {
  filter: Filter;
  onChange: (filter: Filter) => void;
}) {
  const { stores, list, nameOf, timeZoneOf } = useCameras();
  const timeZones = new Set(list.map(({ camera }) => timeZoneOf(camera?.cameraId ?? '')));
  const elsewhere = [...timeZones].some((one) => timeZoneTag(Date.now(), one));
  const note = elsewhere
    ? `Both in the time of this device, ${timeZoneWords(deviceTimeZone())}.`
    : undefined;
  const active = filterCount(filter);
  const change = (part: Partial<Filter>) => onChange({ ...filter, ...part });
  const cameras = list
    .filter(
      (entry) => filter.stores.length === 0 || filter.stores.includes(entry.camera?.storeId ?? ''),
    )
    .map((entry) => ({
      value: entry.camera?.cameraId ?? '',
      label: nameOf(entry.camera?.cameraId ?? ''),
      note: entry.camera?.storeId,
    }));

  return (
    <details className="filter" open={window.matchMedia('(min-width: 641px)').matches}>
      <summary className="filter-summary">
        <FilterIcon size={16} /> Filter{active > 0 && <span className="badge">{active}</span>}
      </summary>
      <div className="filter-bar">
        <SelectOne
          label="Review"
          value={filter.review ?? ''}
          onChange={(value) => change({ review: (value || undefined) as ReviewState | undefined })}
          choices={[
            { value: '', label: 'All' },
            { value: 'REVIEW_STATE_UNREVIEWED', label: 'To review' },
            { value: 'REVIEW_STATE_CONFIRMED', label: 'Confirmed' },
            { value: 'REVIEW_STATE_FALSE_ALARM', label: 'False alarm' },
          ]}
        />
        <SelectOne
          label="Severity"
          value={filter.severity ?? ''}
          onChange={(value) => change({ severity: (value || undefined) as Severity | undefined })}
          choices={[
            { value: '', label: 'All' },
            { value: 'SEVERITY_WARNING', label: 'From warning' },
            { value: 'SEVERITY_CRITICAL', label: 'Critical' },
          ]}
        />
        <MultiSelect
          label="Kind"
          all="All"
          chosen={filter.kinds}
          onChange={(kinds) => change({ kinds: kinds as IncidentKind[] })}
          choices={IncidentKindValues.filter((kind) => kind !== 'INCIDENT_KIND_UNSPECIFIED').map(
            (kind) => ({ value: kind, label: kindWords[kind] }),
          )}
        />
        {stores.length > 1 && (
          <MultiSelect
            label="Store"
            all="All"
            chosen={filter.stores}
            onChange={(next) => change({ stores: next })}
            choices={stores.map((store) => ({ value: store, label: store }))}
          />
        )}
        <MultiSelect
          label="Camera"
          all="All"
          chosen={filter.cameras}
          onChange={(next) => change({ cameras: next })}
          choices={cameras}
        />
        <SelectOne
          label="State"
          value={filter.state ?? ''}
          onChange={(value) => change({ state: (value || undefined) as IncidentState | undefined })}
          choices={[
            { value: '', label: 'All' },
            { value: 'INCIDENT_STATE_OPEN', label: 'Going on' },
            { value: 'INCIDENT_STATE_CLOSED', label: 'Over' },
          ]}
        />
        <TimeChoice
          label="Time"
          fromLabel="Opened from"
          range={filter}
          note={note}
          onChange={change}
        />
        {active > 0 && (
          <button
            type="button"
            className="button quiet small"
            onClick={() => onChange({ stores: [], cameras: [], kinds: [] })}
          >
            <CloseIcon size={12} /> Remove all
          </button>
        )}
      </div>
    </details>
  );
}
