// Sums of attention, added up by zone and by step, and what follows from them.
import type { AttentionSum, GetCameraResponse, ZoneKind } from '../gen/api';
import { instant, seconds } from '../lib/time';
import { ATTENTION_KINDS, type Choice } from './query';

export interface Counts {
  /** Visits: people who came near. */
  passersBy: number;
  looked: number;
  entered: number;
  lookedAndEntered: number;
  /** Of all of them together. */
  lookingSeconds: number;
  dwellSeconds: number;
}

export interface ZoneCounts extends Counts {
  key: string;
  storeId: string;
  cameraId: string;
  zoneId: string;
  zoneKind: ZoneKind;
}

export const nothing = (): Counts => ({
  passersBy: 0,
  looked: 0,
  entered: 0,
  lookedAndEntered: 0,
  lookingSeconds: 0,
  dwellSeconds: 0,
});

export function zoneKey(cameraId: string, zoneId: string, zoneKind: ZoneKind): string {
  return `${cameraId}/${zoneId}/${zoneKind.slice('ZONE_KIND_'.length).toLowerCase()}`;
}

function add(counts: Counts, sum: AttentionSum): void {
  counts.passersBy += Number(sum.passersBy);
  counts.looked += Number(sum.looked);
  counts.entered += Number(sum.entered);
  counts.lookedAndEntered += Number(sum.lookedAndEntered);
  counts.lookingSeconds += seconds(sum.lookingTime) ?? 0;
  counts.dwellSeconds += seconds(sum.dwell) ?? 0;
}

const keyOf = (sum: AttentionSum) => zoneKey(sum.cameraId, sum.zoneId, sum.zoneKind);

/** Of the zone of this key, or of all of them where it is empty. */
export function total(sums: readonly AttentionSum[], key = ''): Counts {
  const counts = nothing();
  for (const sum of sums) if (!key || keyOf(sum) === key) add(counts, sum);
  return counts;
}

/** By zone; `known` zones that nobody came near are there with nothing. */
export function byZone(
  sums: readonly AttentionSum[],
  known: readonly Omit<ZoneCounts, keyof Counts>[],
): ZoneCounts[] {
  const zones = new Map<string, ZoneCounts>(
    known.map((zone) => [zone.key, { ...zone, ...nothing() }]),
  );
  for (const sum of sums) {
    const key = keyOf(sum);
    const { storeId, cameraId, zoneId, zoneKind } = sum;
    const zone = zones.get(key) ?? { key, storeId, cameraId, zoneId, zoneKind, ...nothing() };
    add(zone, sum);
    zones.set(key, zone);
  }
  return [...zones.values()];
}

/** By step, of the zone of this key or of all of them; a sum belongs to the last step that begins before it. */
export function bySteps(
  sums: readonly AttentionSum[],
  starts: readonly number[],
  key = '',
): Counts[] {
  const steps = starts.map(nothing);
  for (const sum of sums) {
    const at = instant(sum.startTime);
    if (at === undefined || (key && keyOf(sum) !== key)) continue;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    const step = steps[low - 1];
    if (step) add(step, sum);
  }
  return steps;
}

/** Zones of the cameras at which attention is counted under this choice. */
export function zonesToCount(
  cameras: readonly GetCameraResponse[],
  choice: Pick<Choice, 'stores' | 'cameras' | 'kinds'>,
): Omit<ZoneCounts, keyof Counts>[] {
  const kinds = choice.kinds.length ? choice.kinds : ATTENTION_KINDS;
  return cameras.flatMap(({ camera }) =>
    !camera ||
    (choice.stores.length > 0 && !choice.stores.includes(camera.storeId)) ||
    (choice.cameras.length > 0 && !choice.cameras.includes(camera.cameraId))
      ? []
      : camera.zones
          .filter((zone) => kinds.includes(zone.kind))
          .map((zone) => ({
            key: zoneKey(camera.cameraId, zone.zoneId, zone.kind),
            storeId: camera.storeId,
            cameraId: camera.cameraId,
            zoneId: zone.zoneId,
            zoneKind: zone.kind,
          })),
  );
}

/** A number of a zone that a table or a tile shows; undefined where it is made of nothing. */
export interface Measure {
  name: string;
  /** What it is of, for the table's head. */
  note: string;
  format: 'count' | 'share' | 'time';
  of: (counts: Counts) => number | undefined;
}

const ratio = (a: number, b: number) => (b > 0 ? a / b : undefined);

export const measures = {
  passersBy: {
    name: 'Passers-by',
    note: 'came near',
    format: 'count',
    of: (counts) => counts.passersBy,
  },
  looked: {
    name: 'Looked',
    note: 'of passers-by',
    format: 'share',
    of: (counts) => ratio(counts.looked, counts.passersBy),
  },
  lookingTime: {
    name: 'Looking time',
    note: 'mean per looker',
    format: 'time',
    of: (counts) => ratio(counts.lookingSeconds, counts.looked),
  },
  entered: {
    name: 'Entered',
    note: 'of passers-by',
    format: 'share',
    of: (counts) => ratio(counts.entered, counts.passersBy),
  },
  lookedAndEntered: {
    name: 'Looked, then entered',
    note: 'of those who looked',
    format: 'share',
    of: (counts) => ratio(counts.lookedAndEntered, counts.looked),
  },
  dwell: {
    name: 'Dwell',
    note: 'mean per entry',
    format: 'time',
    of: (counts) => ratio(counts.dwellSeconds, counts.entered),
  },
} satisfies Record<string, Measure>;
export type MeasureName = keyof typeof measures;
export const measureNames = Object.keys(measures) as MeasureName[];

export const number = (value: number) => Math.round(value).toLocaleString('en-GB');

/** "1,234", "31 %", "4.2 s", "1 min 20 s" */
export function measureText(measure: Measure, value: number | undefined): string {
  if (value === undefined) return '–';
  switch (measure.format) {
    case 'count':
      return number(value);
    case 'share':
      return `${(value * 100).toFixed(value > 0 && value < 0.1 ? 1 : 0)} %`;
    case 'time':
      return value < 60
        ? `${value.toFixed(1)} s`
        : `${Math.floor(Math.round(value) / 60)} min ${Math.round(value) % 60} s`;
  }
}

/** How a number changed: in percent, or in points of percent for a share. */
export function changeText(
  measure: Measure,
  now: number | undefined,
  before: number | undefined,
): { text: string; direction: -1 | 0 | 1 } | undefined {
  if (now === undefined || before === undefined) return undefined;
  const share = measure.format === 'share';
  if (!share && before === 0) return undefined;
  const change = share ? (now - before) * 100 : (now / before - 1) * 100;
  const size = Math.abs(change) < 9.95 ? Math.abs(change).toFixed(1) : number(Math.abs(change));
  if (Number(size) === 0) return { text: 'as before', direction: 0 };
  return {
    text: `${change > 0 ? '▲' : '▼'} ${size} ${share ? 'points' : '%'}`,
    direction: change > 0 ? 1 : -1,
  };
}
