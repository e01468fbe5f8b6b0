// One camera of the wall.
import type { GetCameraResponse, Incident } from '../gen/api';
import { cameraName } from '../lib/health';
import { Link } from '../lib/router';
import { count, kindWords, risk as riskText, severityRank } from '../lib/words';
import { riskColour } from './skeleton';
import type { DrawOptions } from './draw';
import type { LiveHub } from './stream';
import { LiveCanvas } from './tile_canvas';
import { useTile } from './use_tile';

/** Risk from which a tile's frame takes its colour; below, colour stays with the people. */
const FRAME_RISK = 0.6;

export function Tile({
  hub,
  entry,
  now,
  options,
  href,
  incidents,
}: {
  hub: LiveHub;
  entry: GetCameraResponse;
  now: number;
  options: DrawOptions;
  href: string;
  incidents: Incident[];
}) {
  const cameraId = entry.camera?.cameraId ?? '';
  const name = cameraName(entry, cameraId);
  const { health, live, people, risk } = useTile(hub, entry, now);
  const worst = [...incidents].sort(
    (a, b) => severityRank[b.severity] - severityRank[a.severity],
  )[0];
  const alarming = risk !== undefined && risk >= FRAME_RISK;
  const spoken = [
    name,
    health.label,
    health.reason,
    live ? count(people, 'person', 'people') : '',
    risk === undefined ? '' : `highest risk ${riskText(risk)}`,
    worst ? `${kindWords[worst.kind]} going on` : '',
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <li className="tile-cell">
      <Link
        href={href}
        className={`tile ${live ? '' : 'dark'} ${worst ? 'incident' : ''}`}
        aria-label={spoken}
        style={alarming ? { boxShadow: `inset 0 0 0 2px ${riskColour(risk)}` } : undefined}
        data-camera={cameraId}
        data-live={live}
      >
        <LiveCanvas hub={hub} cameraId={cameraId} name={name} options={options} />
        {!live && (
          <span className="tile-message">
            <strong>
              {health.state === 'online' || health.state === 'degraded'
                ? 'Waiting for pictures'
                : health.label}
            </strong>
            {health.reason && <span>{health.reason}</span>}
          </span>
        )}
        {worst && (
          <span
            className={`tile-incident ${worst.severity.slice('SEVERITY_'.length).toLowerCase()}`}
          >
            {kindWords[worst.kind]}
          </span>
        )}
        {alarming && (
          <span
            className="tile-frame"
            aria-hidden="true"
            style={{ borderColor: riskColour(risk) }}
          />
        )}
        <span className="tile-foot">
          <span className={`dot ${health.state}`} aria-hidden="true" />
          <span className="tile-name">{name}</span>
          {health.state === 'degraded' && <span className="tile-note">degraded</span>}
          {live && <span className="tile-people number">{people}</span>}
          {live && risk !== undefined && (
            <span className="tile-risk number" style={{ color: riskColour(risk) }}>
              {riskText(risk)}
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}
