// Times as staff read them: 24 hours, in the zone of a store where it is known, else in that of this device.
import type { Duration, Timestamp } from '../gen/api';
import { timeZoneTag } from './time_zone';

/** Time spans that move with the clock, in seconds. */
export const SPANS = { '1h': 3600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 } as const;
export type Span = keyof typeof SPANS;

/** A condition on time: within so long before now, or between two times. */
export interface TimeRange {
  /** Excludes from and until. */
  span?: Span;
  /** At or after, RFC 3339. */
  from?: string;
  /** Before, RFC 3339. */
  until?: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions, zone?: string): Intl.DateTimeFormat {
  const key = JSON.stringify(options) + (zone ?? '');
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    formats.set(key, found);
  }
  return found;
}

/** Milliseconds since 1970; undefined for what is no time. */
export function instant(time: Timestamp | undefined): number | undefined {
  if (!time) return undefined;
  const value = Date.parse(time);
  return Number.isNaN(value) ? undefined : value;
}

/** "14:03:09" */
export function clock(at: number | undefined, zone?: string): string {
  if (at === undefined) return '–';
  return format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }, zone).format(at);
}

/** "14:03" */
export function hourMinute(at: number, zone?: string): string {
  return format({ hour: '2-digit', minute: '2-digit' }, zone).format(at);
}

/** "Thu 26 Nov" */
export function weekday(at: number, zone?: string): string {
  return format({ weekday: 'short', day: 'numeric', month: 'short' }, zone)
    .format(at)
    .replace(',', '');
}

/** "26 Nov" or, in another year, "26 Nov 2025" */
export function day(at: number | undefined, now: number, zone?: string): string {
  if (at === undefined) return '–';
  const year = format({ year: 'numeric' }, zone);
  const sameYear = year.format(at) === year.format(now);
  return format(
    { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) },
    zone,
  ).format(at);
}

/** "14:03:09" today, "25 Nov 14:03:09" on any other day. */
export function moment(at: number | undefined, now: number, zone?: string): string {
  if (at === undefined) return '–';
  const date = day(at, now, zone);
  return date === day(now, now, zone) ? clock(at, zone) : `${date} ${clock(at, zone)}`;
}

function tagged(text: string, at: number | undefined, zone: string | undefined): string {
  const tag = at === undefined ? '' : timeZoneTag(at, zone);
  return tag ? `${text} ${tag}` : text;
}

/** As clock, with the zone's short name where its clocks show something else than this device's: "08:03:09 GMT-5". */
export const storeClock = (at: number | undefined, zone: string | undefined) =>
  tagged(clock(at, zone), at, zone);

/** The same for moment. */
export const storeMoment = (at: number | undefined, now: number, zone: string | undefined) =>
  tagged(moment(at, now, zone), at, zone);

/** "just now", "40 s ago", "5 min ago", "3 h ago", "2 d ago" */
export function ago(at: number | undefined, now: number): string {
  if (at === undefined) return 'never';
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** Seconds of a protobuf duration such as "1.500s". */
export function seconds(duration: Duration | undefined): number | undefined {
  const match = duration === undefined ? null : /^(-?\d+(?:\.\d+)?)s$/.exec(duration);
  return match ? Number(match[1]) : undefined;
}

/** "0.5 s", "42 s", "3 min 5 s", "1 h 2 min" */
export function span(length: number | undefined): string {
  if (length === undefined) return '–';
  if (length < 10) return `${Number(length.toFixed(1))} s`;
  const whole = Math.round(length);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes, rest] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (hours > 0) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** Reads "500ms", "10s", "1.5s", "2m", "1h30m" as docs/rules.md writes durations; undefined for anything else. */
export function parseSpan(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase().replace(/\s+/g, '');
  if (!/^(\d+(\.\d+)?(ms|s|m|min|h))+$/.test(trimmed)) return undefined;
  const scale: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 };
  let total = 0;
  for (const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|min|m|h)/g))
    total += Number(number) * scale[unit!]!;
  return total;
}

/** The inverse of parseSpan, for form fields: "1m30s". */
export function spanField(duration: Duration | undefined): string {
  const length = seconds(duration);
  if (length === undefined) return '';
  if (length !== 0 && length < 1) return `${Number((length * 1000).toFixed(3))}ms`;
  const hours = Math.floor(length / 3600);
  const minutes = Math.floor(length / 60) % 60;
  const rest = Number((length % 60).toFixed(3));
  const text = `${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}${rest ? `${rest}s` : ''}`;
  return text || '0s';
}

/** A protobuf duration of so many seconds. */
export function toDuration(length: number): Duration {
  return `${Number(length.toFixed(9))}s`;
}

/** Reads `span`, `from` and `until` of an address; what it does not understand is left out. */
export function parseRange(query: URLSearchParams): TimeRange {
  const time = (name: string) => {
    const at = instant(query.get(name) ?? undefined);
    return at === undefined ? undefined : new Date(at).toISOString();
  };
  const text = query.get('span') ?? '';
  if (text in SPANS) return { span: text as Span };
  return { from: time('from'), until: time('until') };
}

/** The inverse of parseRange. */
export function putRange(query: URLSearchParams, range: TimeRange): void {
  if (range.span) query.set('span', range.span);
  else {
    if (range.from) query.set('from', range.from);
    if (range.until) query.set('until', range.until);
  }
}

/** The range's two ends at this moment. */
export function rangeEnds(range: TimeRange, now: number): { from?: string; until?: string } {
  if (range.span) return { from: new Date(now - SPANS[range.span] * 1000).toISOString() };
  return { from: range.from, until: range.until };
}
