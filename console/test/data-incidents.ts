// Plausible incidents for the mock gateway, with their history, reviews and evidence.
import { readFileSync } from 'node:fs';
import type {
  Camera,
  Evidence,
  Incident,
  IncidentKind,
  IncidentTransition,
  Review,
  Severity,
} from '../src/gen/api';
import { fixture, partsFor, uuid } from './data-cameras';

export const clipFile = readFileSync(fixture('clip.mp4'));

const kinds: [IncidentKind, Severity, string][] = [
  ['INCIDENT_KIND_CONCEALMENT', 'SEVERITY_WARNING', 'concealment'],
  ['INCIDENT_KIND_LOITERING', 'SEVERITY_INFO', 'loitering'],
  ['INCIDENT_KIND_RESTRICTED_ZONE', 'SEVERITY_CRITICAL', 'staff-only'],
  ['INCIDENT_KIND_CONCEALMENT', 'SEVERITY_CRITICAL', 'concealment'],
  ['INCIDENT_KIND_CHECKOUT_BYPASS', 'SEVERITY_WARNING', 'checkout_bypass'],
  ['INCIDENT_KIND_FIGHT', 'SEVERITY_CRITICAL', 'fight'],
  ['INCIDENT_KIND_CROWD', 'SEVERITY_INFO', 'crowd'],
];

export function makeIncident(n: number, opened: number, camera: Camera): Incident {
  const [kind, severity, ruleId] = kinds[n % kinds.length]!;
  const ongoing = n === 0;
  const length = 6000 + ((n * 7919) % 40) * 1000;
  const risk =
    kind === 'INCIDENT_KIND_CROWD' || kind === 'INCIDENT_KIND_LOITERING'
      ? 0.31 + (n % 5) / 20
      : 0.74 + ((n * 13) % 24) / 100;
  return {
    incidentId: uuid(1, n),
    cameraId: camera.cameraId,
    storeId: camera.storeId,
    kind,
    severity,
    state: ongoing ? 'INCIDENT_STATE_OPEN' : 'INCIDENT_STATE_CLOSED',
    openedTime: new Date(opened).toISOString(),
    updatedTime: new Date(opened + length).toISOString(),
    closedTime: ongoing ? undefined : new Date(opened + length).toISOString(),
    peakRisk: risk,
    peakTime: new Date(opened + length / 3).toISOString(),
    tracks: Array.from({ length: kind === 'INCIDENT_KIND_FIGHT' ? 2 : 1 + (n % 2) }, (_, i) => ({
      trackId: String(41 + n + i),
      peakRisk: Math.max(0.2, risk - i * 0.12),
      firstTime: new Date(opened - 3000).toISOString(),
      lastTime: new Date(opened + length).toISOString(),
    })),
    ruleIds: [ruleId],
    zoneIds: ruleId === 'staff-only' ? ['staff-only'] : n % 2 ? ['shelf-right'] : [],
    parts: partsFor(risk),
    models: [
      { name: 'movenet-multipose', version: '1' },
      { name: 'cnn-gru', version: '2' },
      { name: 'posture', version: '1' },
    ],
    degraded: n % 9 === 4 ? ['classifier'] : [],
    reviewState:
      n < 6
        ? 'REVIEW_STATE_UNREVIEWED'
        : n % 3 === 0
          ? 'REVIEW_STATE_CONFIRMED'
          : n % 3 === 1
            ? 'REVIEW_STATE_FALSE_ALARM'
            : 'REVIEW_STATE_UNREVIEWED',
    transitionNumber: 3,
    hold: n === 3,
  };
}

export function transitionsOf(incident: Incident): IncidentTransition[] {
  const opened: Incident = {
    ...incident,
    peakRisk: incident.peakRisk - 0.08,
    tracks: incident.tracks.slice(0, 1),
    severity: 'SEVERITY_WARNING',
    state: 'INCIDENT_STATE_OPEN',
  };
  const steps: IncidentTransition[] = [
    { number: 1, kind: 'TRANSITION_KIND_OPENED', time: incident.openedTime, incident: opened },
    {
      number: 2,
      kind: 'TRANSITION_KIND_UPDATED',
      time: incident.peakTime,
      incident: { ...incident, state: 'INCIDENT_STATE_OPEN' },
    },
  ];
  if (incident.closedTime)
    steps.push({ number: 3, kind: 'TRANSITION_KIND_CLOSED', time: incident.closedTime, incident });
  return steps;
}

export function reviewsOf(incident: Incident): Review[] {
  if (incident.reviewState === 'REVIEW_STATE_UNREVIEWED') return [];
  return [
    {
      reviewId: uuid(2, parseInt(incident.incidentId.slice(-6), 16)),
      incidentId: incident.incidentId,
      state: incident.reviewState,
      reviewer: 'j.brandt',
      note:
        incident.reviewState === 'REVIEW_STATE_CONFIRMED'
          ? 'Two bottles into the rucksack; police file 24-1182.'
          : 'Staff restocking.',
      createTime: new Date(
        Date.parse(incident.closedTime ?? incident.updatedTime!) + 400_000,
      ).toISOString(),
    },
  ];
}

/** Evidence of the n-th incident: most is ready, some is pending, failed or expired. */
export function evidenceOf(incident: Incident, n: number): Evidence[] {
  const state =
    n === 0
      ? 'EVIDENCE_STATE_PENDING'
      : n === 4
        ? 'EVIDENCE_STATE_FAILED'
        : n === 7
          ? 'EVIDENCE_STATE_EXPIRED'
          : 'EVIDENCE_STATE_READY';
  const one = (
    k: number,
    kind: Evidence['kind'],
    mediaType: string,
    own: Evidence['state'],
  ): Evidence => ({
    evidenceId: uuid(10 + k, n),
    incidentId: incident.incidentId,
    kind,
    state: own,
    mediaType,
    sizeBytes:
      own === 'EVIDENCE_STATE_READY'
        ? String(kind === 'EVIDENCE_KIND_CLIP' ? clipFile.length : 48_211)
        : '0',
    sha256: own === 'EVIDENCE_STATE_READY' ? 'ab'.repeat(32) : '',
    captureTime: incident.peakTime,
    error:
      own === 'EVIDENCE_STATE_FAILED'
        ? 'The camera went offline 0.4 s after the peak, so the frames for the clip were never recorded.'
        : '',
  });
  const still = state === 'EVIDENCE_STATE_EXPIRED' ? state : 'EVIDENCE_STATE_READY';
  return [
    one(1, 'EVIDENCE_KIND_SNAPSHOT', 'image/jpeg', still),
    one(2, 'EVIDENCE_KIND_SNAPSHOT_OVERLAY', 'image/jpeg', still),
    one(3, 'EVIDENCE_KIND_CLIP', 'video/mp4', state),
    one(
      4,
      'EVIDENCE_KIND_SCORE_CURVE',
      'application/json',
      state === 'EVIDENCE_STATE_FAILED' ? 'EVIDENCE_STATE_READY' : state,
    ),
  ];
}

/** The score curve as ingest writes it. */
export function scoreCurve(incident: Incident): unknown {
  const start = Date.parse(incident.openedTime!) - 5000;
  return {
    schema: 1,
    incidentId: incident.incidentId,
    clipStart: new Date(start).toISOString(),
    tracks: incident.tracks.map((track, t) => ({
      trackId: track.trackId,
      points: Array.from({ length: 110 }, (_, i) => {
        const at = i / 10 + t * 0.7;
        const shape = Math.exp(-(((at - 6.4 - t) / 1.5) ** 2));
        const risk = Math.min(
          0.985,
          0.1 + 0.05 * Math.sin(at * 2.3) + (track.peakRisk - 0.1) * shape,
        );
        return {
          time: new Date(start + at * 1000).toISOString(),
          risk,
          parts: Object.fromEntries(
            partsFor(Math.max(0.05, risk)).map((part) => [
              part.name,
              { value: part.value, contribution: part.contribution },
            ]),
          ),
        };
      }),
    })),
  };
}
