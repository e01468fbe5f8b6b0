// Where it happened: the snapshot at the peak with the camera's zones over it.
import { useState } from 'react';
import type { Camera, Evidence, Incident } from '../gen/api';
import { evidenceUrl } from '../api/endpoints';
import { centre } from '../lib/polygon';
import { instant, storeClock } from '../lib/time';
import { zoneWords } from '../lib/words';

function stillWords(still: Evidence | undefined, incident: Incident): string {
  if (!still)
    return incident.state === 'INCIDENT_STATE_OPEN'
      ? 'The snapshot comes while the incident goes on.'
      : 'There is no snapshot.';
  if (still.state === 'EVIDENCE_STATE_PENDING') return 'The snapshot is being made.';
  if (still.state === 'EVIDENCE_STATE_EXPIRED')
    return 'The snapshot has expired; retention removed it.';
  return `The snapshot could not be made: ${still.error || 'no reason given'}.`;
}

export function Scene({
  incident,
  camera,
  evidence,
  timeZone,
}: {
  incident: Incident;
  camera: Camera | undefined;
  evidence: Evidence[];
  timeZone: string | undefined;
}) {
  const plain = evidence.filter((one) => one.kind === 'EVIDENCE_KIND_SNAPSHOT').pop();
  const drawn = evidence.filter((one) => one.kind === 'EVIDENCE_KIND_SNAPSHOT_OVERLAY').pop();
  const [skeletons, setSkeletons] = useState(true);
  const [failed, setFailed] = useState('');
  const wanted = skeletons ? (drawn ?? plain) : (plain ?? drawn);
  const still =
    wanted?.state === 'EVIDENCE_STATE_READY'
      ? wanted
      : ([drawn, plain].find((one) => one?.state === 'EVIDENCE_STATE_READY') ?? wanted);
  const ready = still?.state === 'EVIDENCE_STATE_READY' && failed !== still.evidenceId;
  const zones = camera?.zones ?? [];
  const names = incident.zoneIds.map((id) => zones.find((zone) => zone.zoneId === id)?.name || id);
  return (
    <section className="block">
      <h3 className="section-title">Where</h3>
      <div className={ready ? 'scene' : 'scene blank'}>
        {ready ? (
          <img
            src={evidenceUrl(still.evidenceId)}
            alt={`Snapshot at the peak, ${storeClock(instant(still.captureTime), timeZone)}`}
            onError={() => setFailed(still.evidenceId)}
          />
        ) : (
          <p className="muted">
            {failed ? 'The snapshot could not be loaded.' : stillWords(still, incident)}
          </p>
        )}
        <svg
          viewBox="0 0 1 1"
          preserveAspectRatio="none"
          aria-hidden="true"
          className="scene-zones"
        >
          {zones.map((zone) => (
            <polygon
              key={zone.zoneId}
              className={incident.zoneIds.includes(zone.zoneId) ? 'touched' : ''}
              points={zone.polygon.map(({ x, y }) => `${x},${y}`).join(' ')}
            />
          ))}
        </svg>
        {zones
          .filter((zone) => incident.zoneIds.includes(zone.zoneId))
          .map((zone) => {
            const at = centre(zone.polygon);
            return (
              <span
                key={zone.zoneId}
                className="scene-label"
                style={{ left: `${at.x * 100}%`, top: `${at.y * 100}%` }}
              >
                {zone.name || zone.zoneId}
              </span>
            );
          })}
      </div>
      <p className="row wrap small-text">
        <span className="muted grow">
          {names.length
            ? `Touches ${names.join(', ')}`
            : zones.length
              ? 'Outside of every zone'
              : `The camera has no zones${camera ? '' : ' that you may see'}`}
        </span>
        {plain && drawn && (
          <label className="choice flush">
            <input type="checkbox" checked={skeletons} onChange={() => setSkeletons(!skeletons)} />{' '}
            <span>Skeletons</span>
          </label>
        )}
      </p>
      {zones.length > 0 && (
        <p className="sr-only">
          Zones of the camera:{' '}
          {zones.map((zone) => `${zone.name || zone.zoneId} (${zoneWords[zone.kind]})`).join(', ')}
        </p>
      )}
    </section>
  );
}
