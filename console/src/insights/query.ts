// The choice of the Insights page: in the address, in the request, and as times of a time zone, which is that of
// the cameras where it is known.
import type { AttentionStep, ZoneKind } from '../gen/api';
import type { Query } from '../api/client';
import {
  addDays,
  atWallTime,
  dayIn,
  daysBetween,
  midnight,
  wallTime,
  type Day,
} from '../lib/time_zone';

/** Kinds of zones at which attention is counted. */
export const ATTENTION_KINDS: readonly ZoneKind[] = ['ZONE_KIND_STOREFRONT', 'ZONE_KIND_SHELF'];

/** Calendar days, of which the first is so many days before today and the last so many. */
export const PERIODS = {
  today: { first: 0, last: 0 },
  yesterday: { first: 1, last: 1 },
  '7d': { first: 6, last: 0 },
  '28d': { first: 27, last: 0 },
} as const;
export type Period = keyof typeof PERIODS;
export type Step = 'hour' | 'day';

export interface Choice {
  stores: string[];
  cameras: string[];
  kinds: ZoneKind[];
  period: Period | 'custom';
  /** First and last day of a custom period, both included. */
  first?: Day;
  last?: Day;
  /** Unset takes what suits the period. */
  step?: Step;
  /** The zone that the chart shows, as zoneKey says it; empty means all of them. */
  zone: string;
}

/** Longest custom period; event storage has the last word. */
const MAX_DAYS = 400;
/** Longest period whose hours fit beside each other. */
const MAX_HOURLY_DAYS = 8;
const HOUR_MS = 3_600_000;

/** The day as it is written in an address; undefined for what is none. */
export function parseDay(text: string | null | undefined): Day | undefined {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  // Of what is no day of the calendar, such as the 30th of February, a date makes another one or none.
  const at = Date.parse(text);
  return !Number.isNaN(at) && addDays(text, 0) === text ? text : undefined;
}

/** Reads an address; what it does not understand is left out. */
export function parseChoice(query: URLSearchParams): Choice {
  const step = query.get('step');
  const choice: Choice = {
    stores: query.getAll('store').filter(Boolean),
    cameras: query.getAll('camera').filter(Boolean),
    kinds: ATTENTION_KINDS.filter((kind) => query.getAll('kind').includes(shortKind(kind))),
    period: '7d',
    step: step === 'hour' || step === 'day' ? step : undefined,
    zone: query.get('zone') ?? '',
  };
  const period = query.get('period') ?? '';
  if (period in PERIODS) choice.period = period as Period;
  const [first, last] = [query.get('first') ?? '', query.get('last') ?? ''];
  if (!daysFault(first, last)) Object.assign(choice, { period: 'custom', first, last });
  return choice;
}

/** Why these cannot be the first and the last day of a period; empty where they can. */
export function daysFault(first: Day, last: Day): string {
  const [from, to] = [parseDay(first), parseDay(last)];
  if (!from || !to) return 'Choose both days.';
  if (from > to) return 'The last day is before the first.';
  if (daysBetween(from, to) >= MAX_DAYS) return `Choose at most ${MAX_DAYS} days.`;
  return '';
}

/** The inverse of parseChoice. */
export function choiceQuery(choice: Choice): URLSearchParams {
  const query = new URLSearchParams();
  choice.stores.forEach((store) => query.append('store', store));
  choice.cameras.forEach((camera) => query.append('camera', camera));
  choice.kinds.forEach((kind) => query.append('kind', shortKind(kind)));
  if (choice.period === 'custom') {
    if (choice.first) query.set('first', choice.first);
    if (choice.last) query.set('last', choice.last);
  } else if (choice.period !== '7d') query.set('period', choice.period);
  if (choice.step) query.set('step', choice.step);
  if (choice.zone) query.set('zone', choice.zone);
  return query;
}

export const shortKind = (kind: ZoneKind) => kind.slice('ZONE_KIND_'.length).toLowerCase();

/** A period as times: from this one to before that one. */
export interface Bounds {
  from: number;
  until: number;
  /** Calendar days that it touches. */
  days: number;
}

export function boundsOf(choice: Choice, now: number, timeZone: string): Bounds {
  const today = dayIn(now, timeZone);
  const days = choice.period === 'custom' ? undefined : PERIODS[choice.period];
  const first = days ? addDays(today, -days.first) : (parseDay(choice.first) ?? today);
  const last = days ? addDays(today, -days.last) : (parseDay(choice.last) ?? first);
  const from = midnight(first, timeZone);
  // What is yet to come holds nothing.
  const end = midnight(addDays(last, 1), timeZone);
  return { from, until: from < now ? Math.min(end, now) : end, days: daysBetween(first, last) + 1 };
}

/** As many days before, up to the same time of the day; only hours that are over are compared. */
export function comparedBounds(
  bounds: Bounds,
  now: number,
  timeZone: string,
): { now: Bounds; before: Bounds } | undefined {
  const until = bounds.until < now ? bounds.until : Math.floor(now / HOUR_MS) * HOUR_MS;
  if (until <= bounds.from) return undefined;
  const back = (at: number) =>
    atWallTime(wallTime(at, timeZone) - bounds.days * 86_400_000, timeZone);
  return {
    now: { ...bounds, until },
    before: { from: back(bounds.from), until: back(until), days: bounds.days },
  };
}

export const mayStepByHour = (days: number) => days <= MAX_HOURLY_DAYS;

export function stepOf(choice: Choice, days: number): Step {
  if (!mayStepByHour(days)) return 'day';
  return choice.step ?? (days <= 2 ? 'hour' : 'day');
}

/** The choice as the gateway takes it. */
export function requestQuery(
  choice: Choice,
  bounds: Bounds,
  step: AttentionStep,
  timeZone: string,
): Query {
  return {
    storeIds: choice.stores,
    cameraIds: choice.cameras,
    zoneKinds: choice.kinds.length ? choice.kinds : ATTENTION_KINDS,
    fromTime: new Date(bounds.from).toISOString(),
    untilTime: new Date(bounds.until).toISOString(),
    step,
    timeZone,
  };
}

/** Where the steps of a period begin. Hours are those of UTC, as event storage counts them. */
export function stepStarts(bounds: Bounds, step: Step, timeZone: string): number[] {
  const starts: number[] = [];
  if (step === 'hour')
    for (let at = Math.ceil(bounds.from / HOUR_MS) * HOUR_MS; at < bounds.until; at += HOUR_MS)
      starts.push(at);
  else
    for (
      let day = dayIn(bounds.from, timeZone), at = bounds.from;
      at < bounds.until;
      day = addDays(day, 1), at = midnight(day, timeZone)
    )
      starts.push(at);
  return starts;
}
