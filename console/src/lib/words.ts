// Words for what the protos name: kinds, states, parts of a risk, stages. One place, so that every
// page calls a thing the same.
import type {
  EvidenceKind,
  FireOncePer,
  IncidentKind,
  IncidentState,
  Principal,
  ReviewState,
  Role,
  Scope,
  Severity,
  TransitionKind,
  ZoneKind,
} from '../gen/api';

export const kindWords: Record<IncidentKind, string> = {
  INCIDENT_KIND_UNSPECIFIED: 'Incident',
  INCIDENT_KIND_CONCEALMENT: 'Concealment',
  INCIDENT_KIND_LOITERING: 'Loitering',
  INCIDENT_KIND_RESTRICTED_ZONE: 'Restricted zone',
  INCIDENT_KIND_FIGHT: 'Fight',
  INCIDENT_KIND_CHECKOUT_BYPASS: 'Checkout bypass',
  INCIDENT_KIND_CROWD: 'Crowd',
  INCIDENT_KIND_WEAPON: 'Weapon',
};

/** What a rule of each kind looks for. */
export const kindSentences: Record<IncidentKind, string> = {
  INCIDENT_KIND_UNSPECIFIED: 'something that the console does not know',
  INCIDENT_KIND_CONCEALMENT: 'somebody hides an item in clothes or a bag',
  INCIDENT_KIND_LOITERING: 'somebody stays too long',
  INCIDENT_KIND_RESTRICTED_ZONE: 'somebody is in a restricted zone',
  INCIDENT_KIND_FIGHT: 'people fight',
  INCIDENT_KIND_CHECKOUT_BYPASS: 'somebody leaves past the checkout after taking an item',
  INCIDENT_KIND_CROWD: 'too many people are in one place',
  INCIDENT_KIND_WEAPON: 'a weapon is seen',
};

export const severityWords: Record<Severity, string> = {
  SEVERITY_UNSPECIFIED: 'Unknown',
  SEVERITY_INFO: 'Info',
  SEVERITY_WARNING: 'Warning',
  SEVERITY_CRITICAL: 'Critical',
};

export const severityRank: Record<Severity, number> = {
  SEVERITY_UNSPECIFIED: 0,
  SEVERITY_INFO: 1,
  SEVERITY_WARNING: 2,
  SEVERITY_CRITICAL: 3,
};

export const stateWords: Record<IncidentState, string> = {
  INCIDENT_STATE_UNSPECIFIED: 'Unknown',
  INCIDENT_STATE_OPEN: 'Going on',
  INCIDENT_STATE_CLOSED: 'Over',
};

export const reviewWords: Record<ReviewState, string> = {
  REVIEW_STATE_UNSPECIFIED: 'To review',
  REVIEW_STATE_UNREVIEWED: 'To review',
  REVIEW_STATE_CONFIRMED: 'Confirmed',
  REVIEW_STATE_FALSE_ALARM: 'False alarm',
};

export const transitionWords: Record<TransitionKind, string> = {
  TRANSITION_KIND_UNSPECIFIED: 'Changed',
  TRANSITION_KIND_OPENED: 'Opened',
  TRANSITION_KIND_UPDATED: 'Updated',
  TRANSITION_KIND_CLOSED: 'Closed',
};

export const zoneWords: Record<ZoneKind, string> = {
  ZONE_KIND_UNSPECIFIED: 'Zone',
  ZONE_KIND_SHELF: 'Shelf',
  ZONE_KIND_CHECKOUT: 'Checkout',
  ZONE_KIND_EXIT: 'Exit',
  ZONE_KIND_RESTRICTED: 'Restricted',
  ZONE_KIND_STOREFRONT: 'Storefront',
};

export const evidenceWords: Record<EvidenceKind, string> = {
  EVIDENCE_KIND_UNSPECIFIED: 'Evidence',
  EVIDENCE_KIND_SNAPSHOT: 'Snapshot',
  EVIDENCE_KIND_SNAPSHOT_OVERLAY: 'Snapshot with skeletons',
  EVIDENCE_KIND_CLIP: 'Clip',
  EVIDENCE_KIND_SCORE_CURVE: 'Risk over time',
};

export const fireWords: Record<FireOncePer, string> = {
  FIRE_ONCE_PER_UNSPECIFIED: 'As the kind does',
  FIRE_ONCE_PER_TRACK: 'Once for each person',
  FIRE_ONCE_PER_ZONE: 'Once while anybody is in the zone',
  FIRE_ONCE_PER_VISIT: 'Once for each stay in the zone',
};

export const roleWords: Record<Role, string> = {
  ROLE_UNSPECIFIED: 'No role',
  ROLE_VIEWER: 'Viewer',
  ROLE_OPERATOR: 'Operator',
  ROLE_ADMIN: 'Admin',
  ROLE_INGEST: 'Ingest',
};

const roleRank: Record<Role, number> = {
  ROLE_UNSPECIFIED: 0,
  ROLE_INGEST: 0,
  ROLE_VIEWER: 1,
  ROLE_OPERATOR: 2,
  ROLE_ADMIN: 3,
};

/** Whether the principal's role includes `role`. */
export function may(principal: Principal, role: Role): boolean {
  return roleRank[principal.role] >= roleRank[role];
}

/** "All stores", or the names of what a scope allows. */
export function scopeWords(scope: Scope | undefined): string {
  const stores = scope?.storeIds ?? [];
  const cameras = scope?.cameraIds ?? [];
  const storeText = stores.length === 0 ? 'All stores' : stores.join(', ');
  if (cameras.length === 0) return storeText;
  return `${storeText}, ${cameras.length === 1 ? cameras[0] : `${cameras.length} cameras`}`;
}

const partWords: Record<string, string> = {
  bias: 'Starting point',
  clip_shoplifting: 'Movement looks like hiding an item',
  clip_fighting: 'Movement looks like fighting',
  pose_anomaly: 'Unusual posture',
  pose_fighting: 'Posture towards a neighbour',
  alone: 'Nobody within reach',
  zone: 'Where the person is',
  dwell: 'Time in the picture',
  weapon: 'Weapon seen',
};

/** Words for a part of a risk (docs/rules.md). */
export function partName(name: string): string {
  const known = partWords[name];
  if (known) return known;
  if (name.startsWith('weapon_'))
    return `Seen: ${name.slice('weapon_'.length).replaceAll('_', ' ')}`;
  const text = name.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const stageWords: Record<string, string> = {
  pose: 'pose extraction',
  classifier: 'the shoplifting classifier',
  fusion: 'anomaly fusion',
};

/** "Without pose extraction and anomaly fusion" for stages that were away. */
export function degradedSentence(stages: readonly string[]): string {
  const names = stages.map((stage) => stageWords[stage] ?? stage);
  const last = names.pop();
  if (last === undefined) return '';
  return `Without ${names.length ? `${names.join(', ')} and ${last}` : last}`;
}

/** "0.83" */
export function risk(value: number): string {
  return value.toFixed(2);
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? one : many}`;
}

export function bytes(size: string | number): string {
  const value = Number(size);
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${(value / 1e3).toFixed(0)} kB`;
  return `${(value / 1e6).toFixed(1)} MB`;
}
