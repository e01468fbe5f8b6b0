// A camera as it is being edited, and what is wrong with it.
import type { Camera, IncidentKind, Rule, ZoneKind } from '../gen/api';
import { polygonFault } from '../lib/polygon';

export const CAMERA_ID = /^[A-Za-z0-9._:-]{1,128}$/;
export const PART_ID = /^[A-Za-z0-9._-]{1,64}$/;
export const MAX_ZONES = 64;
export const MAX_RULES = 64;

export function emptyCamera(): Camera {
  return {
    cameraId: '',
    storeId: '',
    name: '',
    sourceUrl: '',
    enabled: true,
    analysisFps: 0,
    analysisSize: 0,
    zones: [],
    rules: [],
    showHeads: false,
    revision: '0',
    loop: false,
    asFastAsPossible: false,
    timeZone: '',
  };
}

/** A new camera in the time zone that was chosen for it, or else in that of its store's other cameras, as soon as they are known. */
export function withTimeZone(
  camera: Camera,
  chosen: string | undefined,
  timeZoneOf: (storeId: string) => string | undefined,
): Camera {
  return { ...camera, timeZone: chosen ?? timeZoneOf(camera.storeId) ?? '' };
}

export function emptyRule(kind: IncidentKind, ruleId: string): Rule {
  return {
    ruleId,
    kind,
    severity: 'SEVERITY_UNSPECIFIED',
    zoneIds: [],
    minRisk: 0,
    fireOncePer: 'FIRE_ONCE_PER_UNSPECIFIED',
    minPeople: 0,
  };
}

/** What a kind of rule takes where a rule says nothing (docs/rules.md). */
export interface KindDefaults {
  severity: string;
  minRisk?: string;
  minDuration: string;
  cooldown: string;
  fire: string;
  zones: string;
  zoneKind?: ZoneKind;
  minPeople?: string;
}
export const ruleDefaults: Partial<Record<IncidentKind, KindDefaults>> = {
  INCIDENT_KIND_CONCEALMENT: {
    severity: 'Warning',
    minRisk: '0.7',
    minDuration: '0s',
    cooldown: '10s',
    fire: 'once for each stay',
    zones: 'the whole picture',
  },
  INCIDENT_KIND_FIGHT: {
    severity: 'Critical',
    minRisk: '0.7',
    minDuration: '0s',
    cooldown: '10s',
    fire: 'once for each stay',
    zones: 'the whole picture',
  },
  INCIDENT_KIND_LOITERING: {
    severity: 'Info',
    minDuration: '1m',
    cooldown: '5m',
    fire: 'once for each person',
    zones: 'the whole picture',
  },
  INCIDENT_KIND_RESTRICTED_ZONE: {
    severity: 'Warning',
    minDuration: '500ms',
    cooldown: '30s',
    fire: 'once for each stay',
    zones: 'every restricted zone',
    zoneKind: 'ZONE_KIND_RESTRICTED',
  },
  INCIDENT_KIND_CHECKOUT_BYPASS: {
    severity: 'Warning',
    minDuration: '300ms',
    cooldown: '10s',
    fire: 'once for each person',
    zones: 'every exit',
    zoneKind: 'ZONE_KIND_EXIT',
  },
  INCIDENT_KIND_CROWD: {
    severity: 'Info',
    minDuration: '10s',
    cooldown: '5m',
    fire: 'once while anybody is there',
    zones: 'the whole picture',
    minPeople: '10',
  },
  INCIDENT_KIND_WEAPON: {
    severity: 'Critical',
    minRisk: '0.5',
    minDuration: '0s',
    cooldown: '10s',
    fire: 'once for each stay',
    zones: 'the whole picture',
  },
};

/** A free id like "shelf-2". */
export function freeId(base: string, taken: readonly string[]): string {
  const clean =
    base
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 58) || 'zone';
  if (!taken.includes(clean)) return clean;
  for (let n = 2; ; n++) if (!taken.includes(`${clean}-${n}`)) return `${clean}-${n}`;
}

function repeated(ids: readonly string[]): string | undefined {
  return ids.find((id, i) => ids.indexOf(id) !== i);
}

/** Every fault of the draft that the console can see; event storage has the last word. */
export function draftFaults(camera: Camera): string[] {
  const faults: string[] = [];
  if (!camera.storeId) faults.push('Settings: name the store that the camera belongs to.');
  if (!camera.sourceUrl) faults.push('Settings: enter the address of the source.');
  if (camera.analysisFps !== 0 && !(camera.analysisFps >= 0.1 && camera.analysisFps <= 60))
    faults.push('Settings: frames per second must be 0.1 to 60.');
  if (camera.analysisSize !== 0 && !(camera.analysisSize >= 64 && camera.analysisSize <= 4096))
    faults.push('Settings: the size must be 64 to 4096 pixels.');
  return [...faults, ...sceneFaults(camera)];
}

/** Those of its zones and rules. */
export function sceneFaults(camera: Pick<Camera, 'zones' | 'rules'>): string[] {
  const faults: string[] = [];
  for (const zone of camera.zones) {
    const fault = polygonFault(zone.polygon);
    if (fault) faults.push(`Zone “${zone.name || zone.zoneId}”: ${fault}`);
    if (!PART_ID.test(zone.zoneId))
      faults.push(
        `Zone “${zone.name || zone.zoneId}”: its id must be 1 to 64 of A–Z a–z 0–9 . _ -`,
      );
  }
  const zoneIds = camera.zones.map((zone) => zone.zoneId);
  const twice = repeated(zoneIds);
  if (twice) faults.push(`Two zones have the id “${twice}”; rename one.`);
  const ruleTwice = repeated(camera.rules.map((rule) => rule.ruleId));
  if (ruleTwice) faults.push(`Two rules have the id “${ruleTwice}”; rename one.`);
  for (const rule of camera.rules) {
    if (!PART_ID.test(rule.ruleId))
      faults.push(`Rule “${rule.ruleId}”: its id must be 1 to 64 of A–Z a–z 0–9 . _ -`);
    if (rule.minRisk !== 0 && !(rule.minRisk >= 0.05 && rule.minRisk <= 1))
      faults.push(`Rule “${rule.ruleId}”: the risk must be 0.05 to 1.`);
    if (rule.minPeople !== 0 && !(rule.minPeople >= 2 && rule.minPeople <= 1000))
      faults.push(`Rule “${rule.ruleId}”: people must be 2 to 1000.`);
    const missing = rule.zoneIds.find((id) => !zoneIds.includes(id));
    if (missing)
      faults.push(
        `Rule “${rule.ruleId}” names the zone “${missing}”, which is not there; choose another zone.`,
      );
  }
  return faults;
}

/** Which parts of a camera differ, in words, for conflicts. */
export function differences(a: Camera, b: Camera): string[] {
  const differs = (pick: (camera: Camera) => unknown) =>
    JSON.stringify(pick(a)) !== JSON.stringify(pick(b));
  return [
    differs((camera) => camera.zones) && 'zones',
    differs((camera) => camera.rules) && 'rules',
    differs((camera) => camera.name) && 'name',
    differs((camera) => camera.storeId) && 'store',
    differs((camera) => camera.timeZone) && 'time zone',
    differs((camera) => camera.sourceUrl) && 'source',
    differs((camera) => camera.enabled) && 'whether it is enabled',
    differs((camera) => camera.showHeads) && 'privacy',
    differs((camera) => [
      camera.analysisFps,
      camera.analysisSize,
      camera.loop,
      camera.asFastAsPossible,
    ]) && 'analysis',
  ].filter((part): part is string => Boolean(part));
}
