// Risk over the clip's time and, below it, what the risk was made of. A click, a drag or the arrow keys
// move the video.
import {
  useEffect,
  useMemo,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type RefObject,
} from 'react';
import type { Evidence, Incident } from '../gen/api';
import { getEvidenceJson } from '../api/endpoints';
import { clock, instant, storeClock } from '../lib/time';
import { partName, risk as riskText } from '../lib/words';
import { riskColour } from '../live/skeleton';
import { useResource } from '../ui/resource';
import { Problem } from '../ui/states';
import { parseCurve, partNames, pointAt, runs, type Curve, type CurvePoint } from './curve';

const RISK_HEIGHT = 76;
const PART_HEIGHT = 22;
/** Parts shown below the risk; more would be noise. */
const MAX_PARTS = 4;

export function Timeline({
  evidence,
  incident,
  video,
  timeZone,
}: {
  evidence: Evidence | undefined;
  incident: Incident;
  video: RefObject<HTMLVideoElement | null>;
  timeZone: string | undefined;
}) {
  const ready = evidence?.state === 'EVIDENCE_STATE_READY';
  const curve = useResource(`curve ${ready ? evidence.evidenceId : ''}`, async (signal) =>
    ready ? parseCurve(await getEvidenceJson(evidence.evidenceId, signal)) : undefined,
  );
  if (!evidence || evidence.state === 'EVIDENCE_STATE_PENDING')
    return <p className="timeline-note muted">The risk over time comes with the clip.</p>;
  if (evidence.state === 'EVIDENCE_STATE_FAILED')
    return (
      <p className="timeline-note muted">
        The risk over time could not be kept: {evidence.error || 'no reason given'}.
      </p>
    );
  if (evidence.state === 'EVIDENCE_STATE_EXPIRED')
    return <p className="timeline-note muted">The risk over time has expired.</p>;
  if (curve.error)
    return (
      <Problem error={curve.error}>
        <button type="button" className="button small" onClick={curve.reload}>
          Try again
        </button>
      </Problem>
    );
  if (!curve.data)
    return (
      <p className="timeline-note muted" role="status">
        Loading the risk over time …
      </p>
    );
  if (curve.data.tracks.length === 0)
    return <p className="timeline-note muted">Nobody was scored during the clip.</p>;
  return <Chart curve={curve.data} incident={incident} video={video} timeZone={timeZone} />;
}

/** The video's time and length, as it plays. */
function usePlayback(video: RefObject<HTMLVideoElement | null>): { time: number; length: number } {
  const [playback, setPlayback] = useState({ time: 0, length: 0 });
  useEffect(() => {
    let frame = 0;
    const follow = () => {
      const element = video.current;
      if (element) {
        const length = Number.isFinite(element.duration) ? element.duration : 0;
        const time = element.currentTime;
        setPlayback((old) =>
          Math.abs(old.time - time) < 0.02 && old.length === length ? old : { time, length },
        );
      }
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [video]);
  return playback;
}

function Chart({
  curve,
  incident,
  video,
  timeZone,
}: {
  curve: Curve;
  incident: Incident;
  video: RefObject<HTMLVideoElement | null>;
  timeZone: string | undefined;
}) {
  const { time, length } = usePlayback(video);
  const strongest = useMemo(
    () => [...curve.tracks].sort((a, b) => peak(b.points) - peak(a.points)),
    [curve],
  );
  const [chosen, setChosen] = useState(strongest[0]!.trackId);
  const total = Math.max(length, curve.end, 1);
  const x = (at: number) => (at / total) * 1000;
  const track = strongest.find((one) => one.trackId === chosen) ?? strongest[0]!;
  const parts = useMemo(() => partNames(track.points).slice(0, MAX_PARTS), [track]);
  const now = pointAt(track.points, time + 0.05);
  const from = ((instant(incident.openedTime) ?? curve.clipStart) - curve.clipStart) / 1000;
  const until =
    ((instant(incident.closedTime) ?? instant(incident.updatedTime) ?? curve.clipStart) -
      curve.clipStart) /
    1000;

  const seek = (at: number) => {
    const element = video.current;
    if (element) element.currentTime = Math.min(Math.max(0, at), total);
  };
  const point = (event: PointerEvent<HTMLDivElement>) => {
    if (event.type === 'pointermove' && event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * total);
  };
  const key = (event: KeyboardEvent) => {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowDown: -0.1,
      ArrowUp: 0.1,
      PageDown: -5,
      PageUp: 5,
    }[event.key];
    if (step !== undefined) seek(time + step);
    else if (event.key === 'Home') seek(0);
    else if (event.key === 'End') seek(total);
    else return;
    event.preventDefault();
  };

  return (
    <div className="timeline">
      <div className="timeline-head">
        <span className="muted">Risk</span>
        <span className="track-picks" role="group" aria-label="Whose parts are shown">
          {strongest.slice(0, 6).map((one) => (
            <button
              key={one.trackId}
              type="button"
              className="track-pick number"
              aria-pressed={one.trackId === track.trackId}
              onClick={() => setChosen(one.trackId)}
            >
              #{one.trackId}
            </button>
          ))}
        </span>
        <span className="grow" />
        <span className="number">{storeClock(curve.clipStart + time * 1000, timeZone)}</span>
        {/* The colour is a line, not the letters': no colour of risk is legible on white. */}
        <strong className="number" style={{ borderBottom: `3px solid ${riskColour(now?.risk)}` }}>
          {now ? riskText(now.risk) : '–'}
        </strong>
      </div>
      <div
        className="timeline-plot"
        role="slider"
        tabIndex={0}
        aria-label="Place in the clip"
        aria-valuemin={0}
        aria-valuemax={Math.round(total * 10) / 10}
        aria-valuenow={Math.round(time * 10) / 10}
        aria-valuetext={`${storeClock(curve.clipStart + time * 1000, timeZone)}, risk ${now ? riskText(now.risk) : 'unknown'}`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          point(event);
        }}
        onPointerMove={point}
        onKeyDown={key}
      >
        <svg
          viewBox={`0 0 1000 ${RISK_HEIGHT}`}
          height={RISK_HEIGHT}
          preserveAspectRatio="none"
          aria-hidden="true"
          className="plot"
        >
          <rect
            className="plot-incident"
            x={x(from)}
            width={Math.max(2, x(until) - x(from))}
            y="0"
            height={RISK_HEIGHT}
          />
          {[0.25, 0.5, 0.75].map((level) => (
            <line key={level} className="plot-grid" x1="0" x2="1000" y1={y(level)} y2={y(level)} />
          ))}
          {strongest
            .filter((one) => one !== track)
            .map((one) =>
              runs(one.points).map((run, i) => (
                <polyline
                  key={`${one.trackId} ${i}`}
                  className="plot-other"
                  points={line(run, x, (p) => y(p.risk))}
                />
              )),
            )}
          {runs(track.points).map((run, i) => (
            <RiskRun key={i} run={run} x={x} />
          ))}
        </svg>
        {parts.map((name) => (
          <PartLane key={name} name={name} points={track.points} x={x} now={now} />
        ))}
        <span
          className="playhead"
          style={{ left: `${(time / total) * 100}%` }}
          aria-hidden="true"
        />
      </div>
      <div className="timeline-axis muted number" aria-hidden="true">
        <span>{clock(curve.clipStart, timeZone)}</span>
        <span>{clock(curve.clipStart + total * 500, timeZone)}</span>
        <span>{clock(curve.clipStart + total * 1000, timeZone)}</span>
      </div>
    </div>
  );
}

const peak = (points: readonly CurvePoint[]) => Math.max(...points.map((one) => one.risk));
const y = (risk: number) => RISK_HEIGHT - 1 - risk * (RISK_HEIGHT - 2);

function line(
  run: readonly CurvePoint[],
  x: (at: number) => number,
  height: (point: CurvePoint) => number,
): string {
  return run.map((one) => `${x(one.at).toFixed(1)},${height(one).toFixed(1)}`).join(' ');
}

/** The chosen person's risk, in the colours of risk: one short line for each step. */
function RiskRun({ run, x }: { run: CurvePoint[]; x: (at: number) => number }) {
  const area = `${x(run[0]!.at).toFixed(1)},${RISK_HEIGHT} ${line(run, x, (p) => y(p.risk))} ${x(run[run.length - 1]!.at).toFixed(1)},${RISK_HEIGHT}`;
  return (
    <>
      <polygon className="plot-area" points={area} />
      {run.slice(1).map((one, i) => (
        <line
          key={one.at}
          className="plot-risk"
          stroke={riskColour((one.risk + run[i]!.risk) / 2)}
          x1={x(run[i]!.at)}
          y1={y(run[i]!.risk)}
          x2={x(one.at)}
          y2={y(one.risk)}
        />
      ))}
    </>
  );
}

/** What one part adds to or takes from the risk over time; up raises it. */
function PartLane({
  name,
  points,
  x,
  now,
}: {
  name: string;
  points: CurvePoint[];
  x: (at: number) => number;
  now: CurvePoint | undefined;
}) {
  const largest = Math.max(0.5, ...points.map((one) => Math.abs(one.parts.get(name) ?? 0)));
  const middle = PART_HEIGHT / 2;
  const value = now?.parts.get(name);
  return (
    <div className="part-lane">
      <svg
        viewBox={`0 0 1000 ${PART_HEIGHT}`}
        height={PART_HEIGHT}
        preserveAspectRatio="none"
        aria-hidden="true"
        className="plot"
      >
        <line className="plot-grid" x1="0" x2="1000" y1={middle} y2={middle} />
        {runs(points).map((run, i) => {
          const area = (limit: (value: number) => number) => {
            const height = (one: CurvePoint) =>
              middle - (limit(one.parts.get(name) ?? 0) / largest) * (middle - 1);
            return `${x(run[0]!.at)},${middle} ${line(run, x, height)} ${x(run[run.length - 1]!.at)},${middle}`;
          };
          return (
            <g key={i}>
              <polygon className="plot-raises" points={area((value) => Math.max(0, value))} />
              <polygon className="plot-lowers" points={area((value) => Math.min(0, value))} />
            </g>
          );
        })}
      </svg>
      <span className="part-label">
        {partName(name)}{' '}
        {value !== undefined && (
          <span className="number">
            {value >= 0 ? '+' : '−'}
            {Math.abs(value).toFixed(1)}
          </span>
        )}
      </span>
    </div>
  );
}
