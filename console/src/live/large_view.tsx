// One camera large, with its people and why each has the risk that it has.
import { useEffect, useMemo, useState } from 'react';
import type { FrameVerdict, GetCameraResponse, TrackRisk } from '../gen/api';
import { useCameras } from '../app/cameras';
import { useOpenIncidents } from '../app/open_incidents';
import { useSession } from '../app/session';
import { cameraName } from '../lib/health';
import { address, Link, navigate, usePlace } from '../lib/router';
import { hourMinute, instant, seconds, span, storeClock } from '../lib/time';
import { timeZoneTag } from '../lib/time_zone';
import { count, kindWords, may, partName } from '../lib/words';
import { BackIcon, NextIcon } from '../ui/icons';
import { HealthMark, RiskMeter, SeverityMark } from '../ui/parts';
import { useNow } from '../ui/resource';
import type { DrawOptions } from './draw';
import { useLive, type LiveHub } from './stream';
import { LiveCanvas } from './tile_canvas';
import { useTile } from './use_tile';

/** The list of people is renewed this often, so that it can be read. */
const LIST_MS = 500;

export function LargeView({
  entry,
  neighbours,
  overlay,
  fps,
}: {
  entry: GetCameraResponse;
  neighbours: GetCameraResponse[];
  overlay: Omit<DrawOptions, 'zones' | 'large'>;
  fps: number;
}) {
  const { epoch, principal } = useSession();
  const { query } = usePlace();
  const cameraId = entry.camera?.cameraId ?? '';
  const name = cameraName(entry, cameraId);
  const timeZone = useCameras().timeZoneOf(cameraId);
  const ids = useMemo(() => [cameraId], [cameraId]);
  const { hub } = useLive(ids, fps, epoch);
  const now = useNow(1000);
  const facts = useTile(hub, entry, now);
  const elsewhere = timeZoneTag(now, timeZone);
  const [zones, setZones] = useState(true);
  const options = useMemo(
    () => ({ ...overlay, zones: zones ? (entry.camera?.zones ?? []) : [], large: true }),
    [overlay, zones, entry.camera?.revision],
  );
  const incidents = useOpenIncidents().filter((incident) => incident.cameraId === cameraId);

  const at = neighbours.findIndex((other) => other.camera?.cameraId === cameraId);
  const neighbour = (step: number) =>
    neighbours[(at + step + neighbours.length) % neighbours.length]?.camera?.cameraId;
  const wall = new URLSearchParams(query);
  wall.delete('camera');
  const go = (id: string | undefined) => {
    if (!id) return;
    const next = new URLSearchParams(query);
    next.set('camera', id);
    navigate(address('/live', next), { replace: true });
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (
        event.defaultPrevented ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        (event.target as Element).closest('input, select, textarea')
      )
        return;
      if (event.key === 'Escape') navigate(address('/live', wall));
      else if (event.key === 'ArrowLeft') go(neighbour(-1));
      else if (event.key === 'ArrowRight') go(neighbour(1));
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });

  return (
    <div className="large">
      <section className="large-picture" aria-label={name}>
        <LiveCanvas hub={hub} cameraId={cameraId} name={name} options={options} />
        {!facts.live && (
          <span className="tile-message">
            <strong>
              {facts.health.state === 'online' || facts.health.state === 'degraded'
                ? 'Waiting for pictures'
                : facts.health.label}
            </strong>
            {facts.health.reason && <span>{facts.health.reason}</span>}
          </span>
        )}
      </section>
      <aside className="large-side" aria-label="What is seen">
        <div className="row">
          <Link className="button small" href={address('/live', wall)}>
            <BackIcon size={14} /> Wall
          </Link>
          <span className="grow" />
          <button
            type="button"
            className="icon-button"
            aria-label="Camera before"
            onClick={() => go(neighbour(-1))}
          >
            <BackIcon />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Next camera"
            onClick={() => go(neighbour(1))}
          >
            <NextIcon />
          </button>
        </div>
        <h2 className="large-name">{name}</h2>
        <p className="row muted">
          <HealthMark health={facts.health} /> <span>{entry.camera?.storeId}</span>
          {elsewhere && (
            <span className="number">
              {hourMinute(now, timeZone)} {elsewhere}
            </span>
          )}
        </p>
        {facts.health.reason && <p className="notice warning">{facts.health.reason}</p>}
        {incidents.map((incident) => (
          <Link
            key={incident.incidentId}
            className="incident-link"
            href={`/incidents/${incident.incidentId}`}
          >
            <SeverityMark severity={incident.severity} />{' '}
            <strong>{kindWords[incident.kind]}</strong>
            <span className="muted number">
              since {storeClock(instant(incident.openedTime), timeZone)}
            </span>
          </Link>
        ))}
        <label className="choice flush">
          <input type="checkbox" checked={zones} onChange={() => setZones(!zones)} />{' '}
          <span>Zones in the picture</span>
        </label>
        <People hub={hub} cameraId={cameraId} live={facts.live} zones={entry.camera?.zones ?? []} />
        <footer className="row wrap">
          {may(principal, 'ROLE_ADMIN') && (
            <Link className="button small" href={`/cameras/${encodeURIComponent(cameraId)}`}>
              Settings and zones
            </Link>
          )}
          <Link className="button small" href={`/incidents?camera=${encodeURIComponent(cameraId)}`}>
            Its incidents
          </Link>
        </footer>
      </aside>
    </div>
  );
}

function People({
  hub,
  cameraId,
  live,
  zones,
}: {
  hub: LiveHub;
  cameraId: string;
  live: boolean;
  zones: readonly { zoneId: string; name: string }[];
}) {
  const [verdict, setVerdict] = useState<FrameVerdict>();
  useEffect(() => {
    const timer = setInterval(() => setVerdict(hub.frame(cameraId)?.verdict), LIST_MS);
    return () => clearInterval(timer);
  }, [hub, cameraId]);
  if (!live || !verdict) return null;
  const risks = new Map(verdict.risks.map((one) => [one.trackId, one]));
  const people = verdict.people
    .map((one) => ({ id: one.person?.trackId ?? '', risk: risks.get(one.person?.trackId ?? '') }))
    .sort((a, b) => (b.risk?.risk ?? 0) - (a.risk?.risk ?? 0));
  const zoneName = (id: string) => zones.find((zone) => zone.zoneId === id)?.name || id;
  return (
    <section aria-label="People">
      <h3 className="section-title">
        {people.length ? count(people.length, 'person', 'people') : 'Nobody in the picture'}
      </h3>
      <ul className="people">
        {people.map(({ id, risk }) => (
          <li key={id}>
            <div className="row">
              <strong className="number">#{id}</strong>
              <span className="muted small-text grow">
                {[
                  risk?.dwell && span(Math.round(seconds(risk.dwell) ?? 0)),
                  ...(risk?.zoneIds ?? []).map((zone) => `in ${zoneName(zone)}`),
                  ...(risk?.lookingAtZoneIds ?? []).map((zone) => `looks at ${zoneName(zone)}`),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
              <RiskMeter value={risk?.risk} />
            </div>
            {risk && <p className="muted small-text">{why(risk)}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The part that raises the risk most. */
function why(risk: TrackRisk): string {
  const parts = risk.parts
    .filter((part) => part.name !== 'bias' && part.contribution > 0.2)
    .sort((a, b) => b.contribution - a.contribution);
  return (
    parts
      .slice(0, 2)
      .map((part) => partName(part.name))
      .join(', ') || 'Nothing unusual'
  );
}
