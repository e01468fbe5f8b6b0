// The filter of the incident list: in the address, in the request, and applied to what streams in.
import {
  IncidentKindValues,
  IncidentStateValues,
  ReviewStateValues,
  SeverityValues,
  type Incident,
  type IncidentKind,
  type IncidentState,
  type ReviewState,
  type Severity,
} from '../gen/api';
import type { Query } from '../api/client';
import { instant, parseRange, putRange, rangeEnds, type TimeRange } from '../lib/time';
import { severityRank } from '../lib/words';

/** Its time is that of opening. */
export interface Filter extends TimeRange {
  stores: string[];
  cameras: string[];
  kinds: IncidentKind[];
  severity?: Severity;
  state?: IncidentState;
  review?: ReviewState;
}

const short = (name: string, prefix: string) => name.slice(prefix.length).toLowerCase();

function long<T extends string>(
  values: readonly T[],
  prefix: string,
  text: string | null,
): T | undefined {
  const wanted = prefix + (text ?? '').toUpperCase();
  return values.find((value) => value === wanted && !value.endsWith('_UNSPECIFIED'));
}

/** Reads an address; what it does not understand is left out. */
export function parseFilter(query: URLSearchParams): Filter {
  return {
    stores: query.getAll('store').filter(Boolean),
    cameras: query.getAll('camera').filter(Boolean),
    kinds: query
      .getAll('kind')
      .flatMap((kind) => long(IncidentKindValues, 'INCIDENT_KIND_', kind) ?? []),
    severity: long(SeverityValues, 'SEVERITY_', query.get('severity')),
    state: long(IncidentStateValues, 'INCIDENT_STATE_', query.get('state')),
    review: long(ReviewStateValues, 'REVIEW_STATE_', query.get('review')),
    ...parseRange(query),
  };
}

/** The inverse of parseFilter. */
export function filterQuery(filter: Filter): URLSearchParams {
  const query = new URLSearchParams();
  filter.stores.forEach((store) => query.append('store', store));
  filter.cameras.forEach((camera) => query.append('camera', camera));
  filter.kinds.forEach((kind) => query.append('kind', short(kind, 'INCIDENT_KIND_')));
  if (filter.severity) query.set('severity', short(filter.severity, 'SEVERITY_'));
  if (filter.state) query.set('state', short(filter.state, 'INCIDENT_STATE_'));
  if (filter.review) query.set('review', short(filter.review, 'REVIEW_STATE_'));
  putRange(query, filter);
  return query;
}

/** The same filter as the gateway takes it. */
export function requestQuery(filter: Filter, now: number): Query {
  const { from, until } = rangeEnds(filter, now);
  return {
    storeIds: filter.stores,
    cameraIds: filter.cameras,
    kinds: filter.kinds,
    minSeverity: filter.severity,
    state: filter.state,
    reviewState: filter.review,
    openedFrom: from,
    openedUntil: until,
  };
}

/** Whether event storage would list the incident under this filter. */
export function matches(filter: Filter, incident: Incident, now: number): boolean {
  const opened = instant(incident.openedTime) ?? 0;
  const ends = rangeEnds(filter, now);
  const [from, until] = [instant(ends.from), instant(ends.until)];
  const review =
    incident.reviewState === 'REVIEW_STATE_UNSPECIFIED'
      ? 'REVIEW_STATE_UNREVIEWED'
      : incident.reviewState;
  return (
    (filter.stores.length === 0 || filter.stores.includes(incident.storeId)) &&
    (filter.cameras.length === 0 || filter.cameras.includes(incident.cameraId)) &&
    (filter.kinds.length === 0 || filter.kinds.includes(incident.kind)) &&
    (!filter.severity || severityRank[incident.severity] >= severityRank[filter.severity]) &&
    (!filter.state || incident.state === filter.state) &&
    (!filter.review || review === filter.review) &&
    (from === undefined || opened >= from) &&
    (until === undefined || opened < until)
  );
}

/** How many conditions the filter has. */
export function filterCount(filter: Filter): number {
  return [
    filter.stores.length,
    filter.cameras.length,
    filter.kinds.length,
    filter.severity,
    filter.state,
    filter.review,
    filter.span ?? filter.from ?? filter.until,
  ].filter(Boolean).length;
}
