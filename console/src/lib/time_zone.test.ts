process.env.TZ = 'Europe/Berlin';
import { describe, expect, test } from 'vitest';
import { storeClock, storeMoment } from './time';
import {
  addDays,
  atWallTime,
  dayIn,
  deviceTimeZone,
  hourIn,
  isoIn,
  midnight,
  sameClocks,
  timeZoneChoices,
  timeZoneTag,
  usableTimeZone,
  wallTime,
} from './time_zone';

const at = (text: string) => Date.parse(text);
const iso = (time: number) => new Date(time).toISOString();

describe('the calendar of a time zone', () => {
  test('tells its day and hour, whatever the device shows', () => {
    const time = at('2026-11-26T03:30:00Z');
    expect([dayIn(time, 'America/New_York'), hourIn(time, 'America/New_York')]).toEqual([
      '2026-11-25',
      22,
    ]);
    expect([dayIn(time, 'Asia/Kolkata'), hourIn(time, 'Asia/Kolkata')]).toEqual(['2026-11-26', 9]);
    expect(hourIn(at('2026-11-25T23:00:00Z'), 'Europe/Berlin')).toBe(0);
  });

  test('counts days over the ends of months', () => {
    expect([addDays('2026-02-27', 2), addDays('2026-01-01', -1)]).toEqual([
      '2026-03-01',
      '2025-12-31',
    ]);
  });

  test('begins days at midnight, also where summer time begins or ends', () => {
    for (const [day, zone, begins] of [
      ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
      ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
      ['2026-11-01', 'America/New_York', '2026-11-01T04:00:00.000Z'],
      ['2026-11-02', 'America/New_York', '2026-11-02T05:00:00.000Z'],
      ['2026-06-01', 'Pacific/Auckland', '2026-05-31T12:00:00.000Z'],
      ['2026-06-01', 'UTC', '2026-06-01T00:00:00.000Z'],
      // Clocks went from midnight to one, so that the day began at one.
      ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
      // Clocks went from midnight back to 23:00.
      ['2018-02-18', 'America/Sao_Paulo', '2018-02-18T03:00:00.000Z'],
    ] as const)
      expect(iso(midnight(day, zone)), `${day} ${zone}`).toBe(begins);
  });

  test('takes the first of two times that clocks show twice, and the next of one that they leave out', () => {
    const show = (text: string) => iso(atWallTime(at(`${text}Z`), 'Europe/Berlin'));
    expect(show('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
    expect(show('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
    expect(iso(wallTime(at('2026-10-25T01:30:00.250Z'), 'Europe/Berlin'))).toBe(
      '2026-10-25T02:30:00.250Z',
    );
  });

  test('writes times with their distance from UTC', () => {
    const time = at('2026-03-28T23:00:00Z');
    expect(
      ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'UTC'].map((zone) => isoIn(time, zone)),
    ).toEqual([
      '2026-03-29T00:00:00+01:00',
      '2026-03-28T19:00:00-04:00',
      '2026-03-29T04:30:00+05:30',
      '2026-03-28T23:00:00+00:00',
    ]);
    expect(isoIn(at('2026-01-01T12:00:00Z'), 'America/St_Johns')).toBe('2026-01-01T08:30:00-03:30');
  });
});

describe('the time zone of a store', () => {
  const time = at('2026-11-26T14:03:09Z');

  test('is named only where its clocks show something else than this device’s', () => {
    expect(deviceTimeZone()).toBe('Europe/Berlin');
    expect(storeClock(time, 'America/New_York')).toBe('09:03:09 GMT-5');
    expect(storeMoment(time, at('2026-11-27T12:00:00Z'), 'America/New_York')).toBe(
      '26 Nov 09:03:09 GMT-5',
    );
    expect(storeClock(time, undefined)).toBe('15:03:09');
    expect(storeClock(undefined, 'America/New_York')).toBe('–');
    expect(
      ['Europe/Vienna', 'Europe/Berlin', undefined].map((one) => timeZoneTag(time, one)),
    ).toEqual(['', '', '']);
    // In London they differ in winter and in summer, by an hour.
    expect(storeClock(at('2026-07-01T12:00:00Z'), 'Europe/London')).toBe('13:00:00 BST');
  });

  test('is that of the device where this browser does not know it', () => {
    expect(['Europe/Atlantis', '', undefined].map(usableTimeZone)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(usableTimeZone('America/New_York')).toBe('America/New_York');
  });

  test('is the same clock under another name', () => {
    expect(sameClocks('Europe/Berlin', 'Europe/Vienna', time)).toBe(true);
    // Both show the same in winter alone.
    expect(sameClocks('Europe/London', 'Atlantic/Reykjavik', time)).toBe(false);
  });

  test('is chosen by the name that the IANA database has now', () => {
    const names = timeZoneChoices('');
    for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Europe/Kyiv'])
      expect(
        names.filter((one) => one === name),
        name,
      ).toHaveLength(1);
    for (const name of ['Asia/Calcutta', 'Europe/Kiev', ''])
      expect(names, name).not.toContain(name);
    expect(timeZoneChoices('Mars/Olympus')).toContain('Mars/Olympus');
    // Whoever opens a camera must not change it by that.
    expect(timeZoneChoices('Asia/Calcutta')).toContain('Asia/Calcutta');
  });
});
