// Shoppers' attention in the mock gateway: days of a shop, the same whenever they are asked for.
import type { AttentionStep, AttentionSum, Camera, Zone } from '../src/gen/api';
import type { MockGateway } from './mock-gateway';
import { inScope, json, Problem, type Call, type Route } from './mock-http';

const HOUR = 3_600_000;
/** Passers-by of an hour as a share of the busiest, from midnight. */
const DAY = [
  0, 0, 0, 0, 0, 0, 0.02, 0.07, 0.16, 0.3, 0.46, 0.61, 0.78, 0.7, 0.62, 0.66, 0.81, 1, 0.94, 0.6,
  0.2, 0.05, 0, 0,
];
/** The same for weekdays, from Sunday; no day is empty, so that tests may ask for yesterday on any. */
const WEEK = [0.35, 0.78, 0.74, 0.8, 0.86, 1, 0.97];

const wallTimeIn = (timeZone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit' });
const wallTime = wallTimeIn('Europe/Berlin');
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function noise(text: string): number {
  let hash = 2166136261;
  for (const letter of text) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  return ((hash >>> 0) % 1000) / 1000;
}

const empty = (camera: Camera, zone: Zone, startTime: string): AttentionSum => ({
  storeId: camera.storeId,
  cameraId: camera.cameraId,
  zoneId: zone.zoneId,
  zoneKind: zone.kind,
  startTime,
  passersBy: '0',
  looked: '0',
  entered: '0',
  lookedAndEntered: '0',
  lookingTime: '0s',
  dwell: '0s',
});

function hourOf(camera: Camera, zone: Zone, start: number): AttentionSum | undefined {
  const parts = wallTime.formatToParts(start);
  const hour = Number(parts.find((one) => one.type === 'hour')?.value);
  const weekday = WEEKDAYS.indexOf(parts.find((one) => one.type === 'weekday')?.value ?? '');
  const place = noise(camera.cameraId + zone.zoneId);
  const window = zone.kind === 'ZONE_KIND_STOREFRONT';
  const scale = (window ? 240 : 70) * (0.5 + place);
  const chance = noise(`${camera.cameraId}${zone.zoneId}${start}`);
  const passersBy = Math.round(scale * DAY[hour]! * WEEK[weekday]! * (0.8 + 0.4 * chance));
  if (passersBy === 0) return undefined;
  const looked = Math.round(passersBy * ((window ? 0.24 : 0.42) + 0.2 * place));
  const entered = Math.round(passersBy * ((window ? 0.08 : 0.3) + 0.08 * chance));
  const both = Math.min(looked, Math.round(entered * (0.6 + 0.2 * place)));
  return {
    ...empty(camera, zone, new Date(start).toISOString()),
    passersBy: String(passersBy),
    looked: String(looked),
    entered: String(entered),
    lookedAndEntered: String(both),
    lookingTime: `${(looked * (1.6 + 3.4 * place)).toFixed(3)}s`,
    dwell: `${(entered * (window ? 31 : 14 + 20 * place)).toFixed(3)}s`,
  };
}

function add(to: AttentionSum, from: AttentionSum): void {
  for (const name of ['passersBy', 'looked', 'entered', 'lookedAndEntered'] as const)
    to[name] = String(Number(to[name]) + Number(from[name]));
  for (const name of ['lookingTime', 'dwell'] as const)
    to[name] = `${(parseFloat(to[name]!) + parseFloat(from[name]!)).toFixed(3)}s`;
}

/** Where the step that holds `start` begins. */
function stepStart(
  start: number,
  from: number,
  step: AttentionStep,
  wallTime: Intl.DateTimeFormat,
): number {
  if (step === 'ATTENTION_STEP_TOTAL') return from;
  if (step !== 'ATTENTION_STEP_DAY') return start;
  const hour = Number(wallTime.formatToParts(start).find((one) => one.type === 'hour')?.value);
  return start - hour * HOUR;
}

function sumsOf(gateway: MockGateway, { query, session }: Call): AttentionSum[] {
  const known = ['storeIds', 'cameraIds', 'zoneKinds', 'fromTime', 'untilTime', 'step', 'timeZone'];
  for (const name of query.keys())
    if (!known.includes(name))
      throw new Problem(400, 'Bad Request', `There is no query parameter "${name}".`);
  const all = (name: string) => query.getAll(name);
  const now = Date.now();
  const from = Date.parse(query.get('fromTime') ?? '') || now - 24 * HOUR;
  const until = Math.min(now, Date.parse(query.get('untilTime') ?? '') || now);
  const step = (query.get('step') ?? 'ATTENTION_STEP_HOUR') as AttentionStep;
  const wallTime = wallTimeIn(query.get('timeZone') ?? 'UTC');
  const sums = new Map<string, AttentionSum>();
  for (const { camera, status } of gateway.cameras) {
    if (!camera?.enabled || !status?.pipeline || !inScope(session, camera.storeId)) continue;
    if (all('storeIds').length && !all('storeIds').includes(camera.storeId)) continue;
    if (all('cameraIds').length && !all('cameraIds').includes(camera.cameraId)) continue;
    for (const zone of camera.zones) {
      if (!['ZONE_KIND_SHELF', 'ZONE_KIND_STOREFRONT'].includes(zone.kind)) continue;
      if (all('zoneKinds').length && !all('zoneKinds').includes(zone.kind)) continue;
      for (let start = Math.ceil(from / HOUR) * HOUR; start < until; start += HOUR) {
        const sum = hourOf(camera, zone, start);
        if (!sum) continue;
        const at = new Date(stepStart(start, from, step, wallTime)).toISOString();
        const key = `${at} ${camera.cameraId} ${zone.zoneId}`;
        const held = sums.get(key) ?? empty(camera, zone, at);
        add(held, sum);
        sums.set(key, held);
      }
    }
  }
  if (sums.size > 20_000)
    throw new Problem(
      400,
      'Bad Request',
      `The period holds ${sums.size} sums, more than 20000; choose a coarser step, a shorter period or fewer cameras.`,
    );
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
}

const COLUMNS =
  'store,camera,zone,zone_kind,start_time,passers_by,looked,entered,looked_and_entered,looking_seconds,dwell_seconds';

export function attentionRoutes(gateway: MockGateway, route: Route): void {
  route('GET', '/attention', (call) => json(call.response, { sums: sumsOf(gateway, call) }));
  route('GET', '/attention.csv', (call) => {
    const lines = sumsOf(gateway, call).map((sum) =>
      [
        sum.storeId,
        sum.cameraId,
        sum.zoneId,
        sum.zoneKind.slice('ZONE_KIND_'.length).toLowerCase(),
        sum.startTime,
        sum.passersBy,
        sum.looked,
        sum.entered,
        sum.lookedAndEntered,
        parseFloat(sum.lookingTime!),
        parseFloat(sum.dwell!),
      ].join(','),
    );
    call.response.writeHead(200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="attention.csv"',
    });
    call.response.end([COLUMNS, ...lines, ''].join('\r\n'));
  });
}
