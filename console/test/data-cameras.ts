// Plausible cameras for the mock gateway: a small installation with three stores, its zones and rules, and live
// pictures of simulated stores.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type {
  Camera,
  CameraStatus,
  FrameVerdict,
  GetCameraResponse,
  RiskPart,
  Rule,
  SourceState,
  Zone,
} from '../src/gen/api';

export const fixture = (name: string) =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

interface SimulatedPerson {
  id: number;
  action: string;
  box: [number, number, number, number];
  keypoints: [number, number, number][];
}
interface SimulatedFrame {
  jpeg: string;
  people: SimulatedPerson[];
}

export const scenes = ['a', 'b'].map(
  (name) => JSON.parse(readFileSync(fixture(`scene-${name}.json`), 'utf8')) as SimulatedFrame[],
);

const zone = (
  zoneId: string,
  name: string,
  kind: Zone['kind'],
  points: [number, number][],
): Zone => ({ zoneId, name, kind, polygon: points.map(([x, y]) => ({ x, y })) });

export const zones: Zone[] = [
  zone('shelf-right', 'Cosmetics', 'ZONE_KIND_SHELF', [
    [0.83, 0.83],
    [0.97, 0.81],
    [0.67, 0.315],
    [0.606, 0.319],
  ]),
  zone('shelf-back', 'Spirits', 'ZONE_KIND_SHELF', [
    [0.405, 0.37],
    [0.682, 0.352],
    [0.658, 0.312],
    [0.407, 0.326],
  ]),
  zone('checkout', 'Checkout', 'ZONE_KIND_CHECKOUT', [
    [0.327, 1],
    [0.419, 0.986],
    [0.421, 0.745],
    [0.303, 0.759],
    [0.267, 1],
  ]),
  zone('exit', 'Exit', 'ZONE_KIND_EXIT', [
    [1, 1],
    [1, 0.925],
    [0.516, 1],
  ]),
  zone('staff-only', 'Staff area', 'ZONE_KIND_RESTRICTED', [
    [0.218, 0.395],
    [0.376, 0.385],
    [0.384, 0.308],
    [0.253, 0.315],
  ]),
];

const rule = (part: Partial<Rule> & Pick<Rule, 'ruleId' | 'kind' | 'severity'>): Rule => ({
  zoneIds: [],
  minRisk: 0,
  fireOncePer: 'FIRE_ONCE_PER_UNSPECIFIED',
  minPeople: 0,
  ...part,
});

export const rules: Rule[] = [
  rule({
    ruleId: 'concealment',
    kind: 'INCIDENT_KIND_CONCEALMENT',
    severity: 'SEVERITY_WARNING',
    minRisk: 0.7,
    cooldown: '10s',
  }),
  rule({
    ruleId: 'fight',
    kind: 'INCIDENT_KIND_FIGHT',
    severity: 'SEVERITY_CRITICAL',
    minRisk: 0.7,
    cooldown: '10s',
  }),
  rule({
    ruleId: 'staff-only',
    kind: 'INCIDENT_KIND_RESTRICTED_ZONE',
    severity: 'SEVERITY_CRITICAL',
    zoneIds: ['staff-only'],
    minDuration: '2s',
  }),
  rule({
    ruleId: 'loitering',
    kind: 'INCIDENT_KIND_LOITERING',
    severity: 'SEVERITY_INFO',
    minDuration: '60s',
    escalateAfter: '300s',
  }),
];

interface Seed {
  id: string;
  name: string;
  store: string;
  state?: SourceState;
  error?: string;
  degraded?: string[];
  disabled?: boolean;
  unleased?: boolean;
}

const seeds: Seed[] = [
  { id: 'entrance', name: 'Entrance', store: 'berlin-mitte' },
  { id: 'aisle-1', name: 'Aisle 1, cosmetics', store: 'berlin-mitte' },
  { id: 'aisle-2', name: 'Aisle 2, spirits', store: 'berlin-mitte', degraded: ['classifier'] },
  { id: 'checkout-a', name: 'Checkouts 1–4', store: 'berlin-mitte' },
  { id: 'storeroom', name: 'Store room', store: 'berlin-mitte' },
  { id: 'hh-entrance', name: 'Entrance', store: 'hamburg-altona' },
  { id: 'hh-electronics', name: 'Electronics', store: 'hamburg-altona' },
  {
    id: 'hh-back-door',
    name: 'Back door',
    store: 'hamburg-altona',
    state: 'SOURCE_STATE_OFFLINE',
    error:
      'The camera refused the connection at 10.20.4.17:554; check its power and that RTSP is switched on. Trying again every 2 s.',
  },
  { id: 'hh-fitting-rooms', name: 'Fitting room corridor', store: 'hamburg-altona' },
  { id: 'vie-floor', name: 'Sales floor', store: 'wien-graben' },
  { id: 'vie-window', name: 'Shop window', store: 'wien-graben', unleased: true },
  { id: 'vie-office', name: '', store: 'wien-graben', disabled: true },
];

export function makeCameras(): GetCameraResponse[] {
  return seeds.map((seed, i) => ({ camera: makeCamera(seed, i), status: makeStatus(seed, i) }));
}

/** Those with a shop window in view. */
const WINDOWS = ['entrance', 'hh-entrance', 'vie-window'];
const shopWindow = zone('window', 'Shop window', 'ZONE_KIND_STOREFRONT', [
  [0.01, 0.46],
  [0.19, 0.42],
  [0.2, 0.7],
  [0.01, 0.78],
]);

function makeCamera(seed: Seed, i: number): Camera {
  return {
    cameraId: seed.id,
    storeId: seed.store,
    name: seed.name,
    sourceUrl: `rtsp://aislewatch:***@10.20.4.${10 + i}:554/stream1`,
    enabled: !seed.disabled,
    analysisFps: i % 3 ? 0 : 10,
    analysisSize: 0,
    zones: structuredClone(WINDOWS.includes(seed.id) ? [...zones, shopWindow] : zones),
    rules: i % 2 ? structuredClone(rules) : [],
    showHeads: seed.id === 'storeroom',
    revision: String(3 + i),
    loop: false,
    asFastAsPossible: false,
    timeZone: '',
  };
}

function makeStatus(seed: Seed, i: number): CameraStatus | undefined {
  if (seed.disabled || seed.unleased) return { holder: '' };
  return {
    holder: `ingest-${i % 2}-7c9f`,
    leaseExpireTime: new Date(Date.now() + 6000).toISOString(),
    reportTime: new Date().toISOString(),
    pipeline: {
      identity: { cameraId: seed.id, storeId: seed.store },
      sourceState: seed.state ?? 'SOURCE_STATE_ONLINE',
      sourceError: seed.error ?? '',
      framesDecoded: String(482_110 + i * 977),
      framesAnalysed: String(190_400 + i * 311),
      framesDropped: [
        { reason: 'newest_wins', frames: String(40 + i * 7) },
        { reason: 'expired', frames: String(i) },
      ],
      incidentsOpened: String(i * 3),
      outboxPending: '0',
      degraded: seed.degraded ?? [],
    },
  };
}

/** Risk of a simulated person: those who take and hide things are suspicious. */
function riskOf(person: SimulatedPerson, offset: number): number {
  const base: Record<string, number> = {
    normal: 0.12,
    taking: 0.41,
    returning: 0.3,
    examining: 0.36,
  };
  const own = person.action.startsWith('conceal') ? 0.93 : (base[person.action] ?? 0.2);
  return Math.min(0.99, own + ((person.id * 37 + offset * 11) % 17) / 100);
}

export function liveVerdict(
  sceneIndex: number,
  frameIndex: number,
  offset: number,
  degraded: string[],
): { verdict: FrameVerdict; jpeg: string } {
  const scene = scenes[sceneIndex % scenes.length]!;
  // Back and forth, so that nobody jumps.
  const cycle = 2 * (scene.length - 1);
  const at = frameIndex % cycle;
  const frame = scene[at < scene.length ? at : cycle - at]!;
  const verdict: FrameVerdict = {
    sequence: String(frameIndex),
    captureTime: new Date().toISOString(),
    transitions: [],
    visits: [],
    degraded,
    objects: [],
    people: frame.people.map((person) => ({
      person: {
        trackId: String(person.id + offset * 10),
        box: { x: person.box[0], y: person.box[1], width: person.box[2], height: person.box[3] },
        score: 0.8,
        ageFrames: 40 + frameIndex,
        keypoints: person.keypoints.map(([x, y, visible]) => ({
          x,
          y,
          confidence: visible === 2 ? 0.8 : visible === 1 ? 0.3 : 0,
        })),
      },
    })),
    risks: frame.people.map((person) => {
      const risk = riskOf(person, offset);
      return {
        trackId: String(person.id + offset * 10),
        risk,
        parts: partsFor(risk),
        zoneIds: person.id % 2 ? ['shelf-right'] : [],
        lookingAtZoneIds: person.id % 3 === 1 ? ['shelf-right'] : [],
        dwell: `${14 + person.id * 9}s`,
        kinds: [],
      };
    }),
  };
  return { verdict, jpeg: frame.jpeg };
}

/** Parts that sum to the risk's log-odds. */
export function partsFor(risk: number): RiskPart[] {
  const logit = Math.log(risk / (1 - risk));
  const clip = (logit + 1.5) * 0.8;
  const anomaly = (logit + 1.5 - clip) * 0.6;
  return [
    { name: 'bias', value: 0, contribution: -1.5 },
    { name: 'clip_shoplifting', value: risk, contribution: clip },
    { name: 'pose_anomaly', value: 0.7, contribution: anomaly },
    { name: 'zone', value: 1, contribution: 0.2 },
    { name: 'dwell', value: 0.2, contribution: logit + 1.5 - clip - anomaly - 0.2 },
  ];
}

export const uuid = (group: number, n: number) =>
  `${(0xa1000000 + group).toString(16)}-7c1e-4b02-9d3f-${n.toString(16).padStart(12, '0')}`;
