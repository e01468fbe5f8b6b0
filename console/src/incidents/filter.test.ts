import { describe, expect, test } from 'vitest';
import type { Incident } from '../gen/api';
import { filterQuery, matches, parseFilter, requestQuery } from './filter';

const now = Date.parse('2026-03-01T12:00:00Z');
const incident = {
  storeId: 'berlin',
  cameraId: 'aisle',
  kind: 'INCIDENT_KIND_FIGHT',
  severity: 'SEVERITY_WARNING',
  state: 'INCIDENT_STATE_OPEN',
  reviewState: 'REVIEW_STATE_UNSPECIFIED',
  openedTime: '2026-03-01T11:30:00Z',
} as Incident;

describe('the filter of the incident list', () => {
  test('comes back from its own address', () => {
    const text =
      'store=berlin&store=wien&camera=aisle&kind=fight&kind=restricted_zone&severity=warning&state=open&review=false_alarm&span=24h';
    expect(filterQuery(parseFilter(new URLSearchParams(text))).toString()).toBe(text);
  });

  test('leaves out what an address has that it does not understand', () => {
    const filter = parseFilter(
      new URLSearchParams(
        'kind=earthquake&kind=unspecified&severity=loud&state=&from=yesterday&span=9y&utm=1',
      ),
    );
    expect(filterQuery(filter).toString()).toBe('');
  });

  test('takes a moving span before fixed times', () => {
    const filter = parseFilter(new URLSearchParams('span=1h&from=2026-01-01T00:00:00Z'));
    expect(filter.from).toBeUndefined();
    expect(requestQuery(filter, now).openedFrom).toBe('2026-03-01T11:00:00.000Z');
  });

  test('agrees with event storage on what fits', () => {
    const fits = (query: string) => matches(parseFilter(new URLSearchParams(query)), incident, now);
    for (const query of [
      '',
      'store=berlin',
      'kind=fight&kind=crowd',
      'severity=info',
      'severity=warning',
      'state=open',
      'review=unreviewed',
      'span=1h',
      'from=2026-03-01T11:30:00Z',
    ])
      expect(fits(query), query).toBe(true);
    for (const query of [
      'store=wien',
      'camera=door',
      'kind=crowd',
      'severity=critical',
      'state=closed',
      'review=confirmed',
      'until=2026-03-01T11:30:00Z',
    ]) {
      expect(fits(query), query).toBe(false);
    }
    expect(matches(parseFilter(new URLSearchParams('span=1h')), incident, now + 3_600_000)).toBe(
      false,
    );
  });
});
