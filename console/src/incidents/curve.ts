// The score curve of an incident: risk per track and frame, as evidence of kind SCORE_CURVE holds it.
import { instant } from '../lib/time';

export interface CurvePoint {
  /** Seconds from the clip's first picture. */
  at: number;
  risk: number;
  /** What each part adds to the log-odds, by its name. */
  parts: ReadonlyMap<string, number>;
}

export interface Curve {
  /** Milliseconds since 1970 of the clip's first picture. */
  clipStart: number;
  tracks: { trackId: string; points: CurvePoint[] }[];
  /** Seconds from the clip's first picture to the last point. */
  end: number;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

function point(raw: unknown, clipStart: number): CurvePoint | undefined {
  if (!isRecord(raw)) return undefined;
  const time = typeof raw.time === 'string' ? instant(raw.time) : undefined;
  if (time === undefined || typeof raw.risk !== 'number') return undefined;
  const parts = new Map<string, number>();
  if (isRecord(raw.parts)) {
    for (const [name, part] of Object.entries(raw.parts)) {
      if (isRecord(part) && typeof part.contribution === 'number')
        parts.set(name, part.contribution);
    }
  }
  return { at: (time - clipStart) / 1000, risk: raw.risk, parts };
}

/** Reads the JSON; throws with a sentence for people where it is no curve that this console knows. */
export function parseCurve(raw: unknown): Curve {
  if (!isRecord(raw) || raw.schema !== 1)
    throw new Error(
      'The risk curve has a format that this console does not know; update the console.',
    );
  const clipStart = typeof raw.clipStart === 'string' ? instant(raw.clipStart) : undefined;
  if (clipStart === undefined || !Array.isArray(raw.tracks))
    throw new Error('The risk curve is incomplete.');
  const tracks = raw.tracks
    .filter(isRecord)
    .map((track) => ({
      trackId: String(track.trackId),
      points: (Array.isArray(track.points) ? track.points : [])
        .flatMap((one) => point(one, clipStart) ?? [])
        .sort((a, b) => a.at - b.at),
    }))
    .filter((track) => track.points.length > 0);
  const end = Math.max(0, ...tracks.map((track) => track.points[track.points.length - 1]!.at));
  return { clipStart, tracks, end };
}

/** The point that holds at `at`: the last one before it, if it is not older than `within` seconds. */
export function pointAt(
  points: readonly CurvePoint[],
  at: number,
  within = 1.5,
): CurvePoint | undefined {
  let found: CurvePoint | undefined;
  for (const one of points) {
    if (one.at > at) break;
    found = one;
  }
  return found && at - found.at <= within ? found : undefined;
}

/** Names of parts that ever differ from 0 in the track, the strongest first; the bias says nothing over time. */
export function partNames(points: readonly CurvePoint[]): string[] {
  const strongest = new Map<string, number>();
  for (const one of points) {
    for (const [name, value] of one.parts)
      strongest.set(name, Math.max(strongest.get(name) ?? 0, Math.abs(value)));
  }
  return [...strongest]
    .filter(([name, value]) => name !== 'bias' && value > 0.001)
    .sort((a, b) => b[1] - a[1])
    .map(([name]) => name);
}

/** Cuts the points where nothing was known for longer than `gap` seconds, so that no line bridges it. */
export function runs(points: readonly CurvePoint[], gap = 1.5): CurvePoint[][] {
  const result: CurvePoint[][] = [];
  for (const one of points) {
    const run = result[result.length - 1];
    const last = run?.[run.length - 1];
    if (run && last && one.at - last.at <= gap) run.push(one);
    else result.push([one]);
  }
  return result;
}
