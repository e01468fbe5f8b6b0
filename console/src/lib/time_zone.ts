// Time zones: that of this device and those of stores, and the calendar in them.

/** A day of the calendar, "2026-03-01". */
export type Day = string;

// Browsers go on with names that the IANA database has given up, which PostgreSQL may not know.
const CURRENT_NAMES: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};
const currentName = (name: string) => CURRENT_NAMES[name] ?? name;

/** Name of this device's zone, for example "Europe/Berlin". */
export function deviceTimeZone(): string {
  return currentName(Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC');
}

const known = new Map<string, boolean>();

/** The zone where this browser can show times in it; undefined stands for the device's own. */
export function usableTimeZone(name: string | undefined): string | undefined {
  if (!name) return undefined;
  let usable = known.get(name);
  if (usable === undefined) {
    try {
      new Intl.DateTimeFormat('en-GB', { timeZone: name });
      usable = true;
    } catch {
      usable = false;
    }
    known.set(name, usable);
  }
  return usable ? name : undefined;
}

/** Zones to choose from, `chosen` among them whatever it is. */
export function timeZoneChoices(chosen: string): string[] {
  const names = Intl.supportedValuesOf('timeZone').map(currentName);
  return [...new Set([...names, 'UTC', ...(chosen ? [chosen] : [])])].sort();
}

const walls = new Map<string, Intl.DateTimeFormat>();

/** What clocks in the zone show, as if it were UTC, in milliseconds. */
export function wallTime(at: number, zone: string): number {
  let format = walls.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    walls.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}

const DAY_MS = 86_400_000;

/** When clocks in the zone show this: for the first time, or, where they leave it out, what comes next. */
export function atWallTime(wall: number, zone: string): number {
  const candidates = [wall - DAY_MS, wall + DAY_MS].map(
    (near) => wall - (wallTime(near, zone) - near),
  );
  const fitting = candidates.filter((at) => wallTime(at, zone) >= wall);
  return fitting.length ? Math.min(...fitting) : Math.max(...candidates);
}

/** The day that it is in the zone. */
export function dayIn(at: number, zone: string): Day {
  return new Date(wallTime(at, zone)).toISOString().slice(0, 10);
}

/** The hour that it is in the zone, 0 to 23. */
export function hourIn(at: number, zone: string): number {
  return new Date(wallTime(at, zone)).getUTCHours();
}

/** So many days later. */
export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whole days from `a` to `b`. */
export const daysBetween = (a: Day, b: Day) => (Date.parse(b) - Date.parse(a)) / DAY_MS;

/** When the day begins in the zone; days of 23 and 25 hours are right. */
export const midnight = (day: Day, zone: string) => atWallTime(Date.parse(day), zone);

/** Whether clocks in both show the same, now and half a year before, when summer time is another. */
export const sameClocks = (a: string, b: string, now: number) =>
  a === b || [now, now - 182 * DAY_MS].every((at) => wallTime(at, a) === wallTime(at, b));

const names = new Map<string, Intl.DateTimeFormat>();

/** "CET" or "GMT-5"; empty where clocks in the zone show what this device's does. */
export function timeZoneTag(at: number, zone: string | undefined): string {
  if (!zone || wallTime(at, zone) === wallTime(at, deviceTimeZone())) return '';
  let format = names.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' });
    names.set(zone, format);
  }
  return format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? zone;
}

/** "2026-03-01T00:00:00+01:00" */
export function isoIn(at: number, zone: string): string {
  const wall = wallTime(at, zone);
  const minutes = Math.round((wall - at) / 60_000);
  const pad = (n: number) => String(n).padStart(2, '0');
  const offset = `${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
  return `${new Date(wall).toISOString().slice(0, 19)}${minutes < 0 ? '-' : '+'}${offset}`;
}

/** "America/New York" */
export const timeZoneWords = (zone: string) => zone.replaceAll('_', ' ');
