// The device is elsewhere; days of 23 and 25 hours are part of what is tested.
process.env.TZ = 'America/Los_Angeles';
import { describe, expect, test } from 'vitest';
import {
  boundsOf,
  choiceQuery,
  comparedBounds,
  parseChoice,
  requestQuery,
  stepOf,
  stepStarts,
} from './query';

const BERLIN = 'Europe/Berlin';
const now = Date.parse('2026-03-30T10:20:00Z');
const choose = (query: string) => parseChoice(new URLSearchParams(query));
const iso = (at: number) => new Date(at).toISOString();

describe('the choice of the insights page', () => {
  test('comes back from its own address', () => {
    for (const text of [
      '',
      'store=berlin&camera=a&camera=b&kind=shelf&period=yesterday&step=hour&zone=a%2Fwindow%2Fstorefront',
      'first=2026-02-27&last=2026-03-02&step=day',
    ])
      expect(choiceQuery(choose(text)).toString()).toBe(text);
  });

  test('leaves out what an address has that it does not understand', () => {
    for (const text of [
      'kind=exit&period=century&step=minute',
      'first=2026-02-30&last=2026-03-02',
      'first=2026-03-02&last=2026-03-01',
      'first=2020-01-01&last=2026-03-01',
      'first=2026-03-02',
    ])
      expect(choiceQuery(choose(text)).toString(), text).toBe('');
  });

  test('takes days of the zone, also of 23 hours, and ends now', () => {
    expect(boundsOf(choose('period=today'), now, BERLIN)).toEqual({
      from: Date.parse('2026-03-29T22:00:00Z'),
      until: now,
      days: 1,
    });
    const changed = boundsOf(choose('period=yesterday'), now, BERLIN);
    expect([iso(changed.from), iso(changed.until)]).toEqual([
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(stepStarts(changed, 'hour', BERLIN)).toHaveLength(23);
    expect(stepStarts(boundsOf(choose(''), now, BERLIN), 'day', BERLIN).map(iso)).toEqual([
      '2026-03-23T23:00:00.000Z',
      '2026-03-24T23:00:00.000Z',
      '2026-03-25T23:00:00.000Z',
      '2026-03-26T23:00:00.000Z',
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
  });

  test('begins with the first hour of UTC where the zone is half an hour beside it', () => {
    const day = boundsOf(choose('period=yesterday'), now, 'Asia/Kolkata');
    expect([iso(day.from), iso(day.until)]).toEqual([
      '2026-03-28T18:30:00.000Z',
      '2026-03-29T18:30:00.000Z',
    ]);
    expect(iso(stepStarts(day, 'hour', 'Asia/Kolkata')[0]!)).toBe('2026-03-28T19:00:00.000Z');
    expect(stepStarts(day, 'day', 'Asia/Kolkata')).toEqual([day.from]);
  });

  test('compares hours that are over with the same hours of the days before', () => {
    const pair = comparedBounds(boundsOf(choose('period=today'), now, BERLIN), now, BERLIN)!;
    expect([pair.now.until, pair.before.from, pair.before.until].map(iso)).toEqual([
      '2026-03-30T10:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T10:00:00.000Z',
    ]);
    const morning = Date.parse('2026-03-29T22:40:00Z');
    expect(
      comparedBounds(boundsOf(choose('period=today'), morning, BERLIN), morning, BERLIN),
    ).toBeUndefined();
  });

  test('steps by hours only where they fit beside each other', () => {
    expect([stepOf(choose('period=today'), 1), stepOf(choose(''), 7)]).toEqual(['hour', 'day']);
    expect([stepOf(choose('step=hour'), 7), stepOf(choose('step=hour'), 28)]).toEqual([
      'hour',
      'day',
    ]);
  });

  test('asks for storefronts and shelves alone, in the time zone', () => {
    const query = requestQuery(
      choose(''),
      boundsOf(choose(''), now, BERLIN),
      'ATTENTION_STEP_DAY',
      BERLIN,
    );
    expect(query).toMatchObject({
      zoneKinds: ['ZONE_KIND_STOREFRONT', 'ZONE_KIND_SHELF'],
      fromTime: '2026-03-23T23:00:00.000Z',
      untilTime: '2026-03-30T10:20:00.000Z',
      step: 'ATTENTION_STEP_DAY',
      timeZone: 'Europe/Berlin',
    });
  });
});
