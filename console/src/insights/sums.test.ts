import { describe, expect, test } from 'vitest';
import type { AttentionSum, GetCameraResponse, ZoneKind } from '../gen/api';
import { axisMarks, axisTop } from './chart';
import {
  bySteps,
  byZone,
  changeText,
  measures,
  measureText,
  total,
  zoneKey,
  zonesToCount,
} from './sums';
import { sortZones } from './zone_table';

const hour = (n: number) => Date.parse('2026-03-01T08:00:00Z') + n * 3_600_000;
const sum = (zoneId: string, n: number, passersBy: number, part: Partial<AttentionSum> = {}) =>
  ({
    storeId: 'berlin',
    cameraId: 'a',
    zoneId,
    zoneKind: 'ZONE_KIND_SHELF',
    startTime: new Date(hour(n)).toISOString(),
    passersBy: String(passersBy),
    looked: '0',
    entered: '0',
    lookedAndEntered: '0',
    lookingTime: '0s',
    dwell: '0s',
    ...part,
  }) as AttentionSum;

const sums = [
  sum('x', 0, 10, { looked: '4', lookingTime: '10s', entered: '2', lookedAndEntered: '1' }),
  sum('y', 0, 5),
  sum('x', 2, 30, { looked: '6', lookingTime: '15.500s', dwell: '9s' }),
];
const x = zoneKey('a', 'x', 'ZONE_KIND_SHELF');

describe('sums of attention', () => {
  test('add up by zone, and a zone that nobody came near is there', () => {
    const idle = {
      key: zoneKey('b', 'idle', 'ZONE_KIND_STOREFRONT'),
      storeId: 'berlin',
      cameraId: 'b',
      zoneId: 'idle',
      zoneKind: 'ZONE_KIND_STOREFRONT' as ZoneKind,
    };
    expect(byZone(sums, [idle]).map((one) => [one.zoneId, one.passersBy, one.looked])).toEqual([
      ['idle', 0, 0],
      ['x', 40, 10],
      ['y', 5, 0],
    ]);
  });

  test('add up by step, with steps in which nobody came', () => {
    const starts = [0, 1, 2].map(hour);
    expect(bySteps(sums, starts).map((one) => one.passersBy)).toEqual([15, 0, 30]);
    expect(bySteps(sums, starts, x).map((one) => one.passersBy)).toEqual([10, 0, 30]);
    // Days of another length than the server's: what begins within a step belongs to it.
    expect(bySteps(sums, [hour(-1), hour(1)]).map((one) => one.passersBy)).toEqual([15, 30]);
    expect(bySteps(sums, [hour(1)]).map((one) => one.passersBy)).toEqual([30]);
  });

  test('give shares and means, and nothing where they would be made of nothing', () => {
    const counts = total(sums, x);
    expect(measures.looked.of(counts)).toBe(0.25);
    expect(measures.lookingTime.of(counts)).toBe(2.55);
    expect(measures.lookedAndEntered.of(counts)).toBe(0.1);
    expect(measures.dwell.of(counts)).toBe(4.5);
    const none = total([]);
    expect(Object.values(measures).map((one) => measureText(one, one.of(none)))).toEqual([
      '0',
      '–',
      '–',
      '–',
      '–',
      '–',
    ]);
  });

  test('are told in words', () => {
    expect(measureText(measures.passersBy, 12_345)).toBe('12,345');
    expect(measureText(measures.looked, 0.314)).toBe('31 %');
    expect(measureText(measures.looked, 0.034)).toBe('3.4 %');
    expect(measureText(measures.dwell, 4.25)).toBe('4.3 s');
    expect(measureText(measures.dwell, 119.7)).toBe('2 min 0 s');
  });

  test('are compared in percent, and shares in points', () => {
    expect(changeText(measures.passersBy, 110, 100)).toEqual({ text: '▲ 10 %', direction: 1 });
    expect(changeText(measures.looked, 0.3, 0.325)).toEqual({
      text: '▼ 2.5 points',
      direction: -1,
    });
    expect(changeText(measures.passersBy, 100, 100)).toEqual({ text: 'as before', direction: 0 });
    expect(changeText(measures.passersBy, 100, 0)).toBeUndefined();
    expect(changeText(measures.looked, 0.3, undefined)).toBeUndefined();
  });

  test('are sorted by any column, with what has no value last either way', () => {
    const zones = byZone([...sums, sum('z', 0, 0)], []);
    const name = (zone: { zoneId: string }) => ({ camera: '', zone: zone.zoneId });
    const order = (column: 'zone' | 'looked' | 'passersBy', descending: boolean) =>
      sortZones(zones, { column, descending }, name)
        .map((one) => one.zoneId)
        .join('');
    expect(order('passersBy', true)).toBe('xyz');
    expect(order('passersBy', false)).toBe('zyx');
    expect(order('looked', true)).toBe('xyz');
    expect(order('looked', false)).toBe('yxz');
    expect(order('zone', true)).toBe('zyx');
  });
});

test('zones of attention are storefronts and shelves of the cameras that are chosen', () => {
  const camera = (cameraId: string, storeId: string, kinds: ZoneKind[]) =>
    ({
      camera: { cameraId, storeId, zones: kinds.map((kind) => ({ zoneId: kind, kind })) },
    }) as unknown as GetCameraResponse;
  const list = [
    camera('a', 'berlin', ['ZONE_KIND_SHELF', 'ZONE_KIND_EXIT']),
    camera('b', 'wien', ['ZONE_KIND_STOREFRONT']),
  ];
  const ids = (stores: string[], cameras: string[], kinds: ZoneKind[]) =>
    zonesToCount(list, { stores, cameras, kinds }).map((one) => one.cameraId);
  expect(ids([], [], [])).toEqual(['a', 'b']);
  expect(ids(['wien'], [], [])).toEqual(['b']);
  expect(ids([], ['a'], ['ZONE_KIND_STOREFRONT'])).toEqual([]);
});

test('the axis ends on a round number above the largest', () => {
  expect([0, 1, 3, 7, 11, 99, 101, 2400].map(axisTop)).toEqual([2, 2, 4, 8, 20, 100, 200, 3000]);
});

test('few enough steps are named that their names can be read', () => {
  const hours = (n: number) => Array.from({ length: n }, (_, i) => hour(i));
  for (const n of [6, 24, 48, 168])
    expect(axisMarks(hours(n), 'hour', n > 24, 'UTC').length).toBeLessThanOrEqual(8);
  for (const n of [1, 7, 28, 365])
    expect(axisMarks(hours(n), 'day', true, 'UTC').length).toBeLessThan(9);
});
