// One incident of the list.
import { memo } from 'react';
import type { Incident } from '../gen/api';
import { useCameras } from '../app/cameras';
import { Link } from '../lib/router';
import { clock, day, instant, span, storeClock } from '../lib/time';
import { count, kindWords } from '../lib/words';
import { timeZoneTag } from '../lib/time_zone';
import { LockIcon } from '../ui/icons';
import { ReviewMark, RiskMeter, SeverityMark } from '../ui/parts';

export const IncidentRow = memo(function IncidentRow({
  incident,
  href,
  open,
  selected,
  onSelect,
  onFocus,
}: {
  incident: Incident;
  href: string;
  open: boolean;
  selected: boolean;
  onSelect?: (id: string) => void;
  onFocus: (id: string) => void;
}) {
  const { nameOf, timeZoneOf } = useCameras();
  const timeZone = timeZoneOf(incident.cameraId, incident.storeId);
  const opened = instant(incident.openedTime);
  const elsewhere = opened === undefined ? '' : timeZoneTag(opened, timeZone);
  const updated = instant(incident.updatedTime);
  const ongoing = incident.state === 'INCIDENT_STATE_OPEN';
  const length =
    opened !== undefined && updated !== undefined ? (updated - opened) / 1000 : undefined;
  const id = incident.incidentId;
  return (
    <li
      className={`incident-row ${incident.severity.slice('SEVERITY_'.length).toLowerCase()} ${open ? 'open' : ''} ${selected ? 'selected' : ''}`}
      data-incident={id}
    >
      {onSelect && (
        <label className="row-check">
          <input
            type="checkbox"
            checked={selected}
            onChange={() => onSelect(id)}
            aria-label={`Select ${kindWords[incident.kind]} at ${storeClock(opened, timeZone)}`}
          />
        </label>
      )}
      <Link
        href={href}
        className="row-link"
        aria-current={open ? 'true' : undefined}
        onFocus={() => onFocus(id)}
      >
        <span className="cell-time number">
          <span>{clock(opened, timeZone)}</span>
          <span className="muted">{day(opened, Date.now(), timeZone)}</span>
          {elsewhere && <span className="muted">{elsewhere}</span>}
        </span>
        <span className="cell-what">
          <span className="cell-kind">
            <strong>{kindWords[incident.kind]}</strong>{' '}
            <SeverityMark severity={incident.severity} />
          </span>
          <span className="muted ellipsis">
            {nameOf(incident.cameraId)} <span className="cell-store">· {incident.storeId}</span>
          </span>
        </span>
        <span className="cell-people muted">
          {count(incident.tracks.length, 'person', 'people')}
        </span>
        <span className="cell-risk">
          <RiskMeter value={incident.peakRisk} />
        </span>
        <span className="cell-state">
          {ongoing ? (
            <span className="going-on">Going on</span>
          ) : (
            <span className="muted number">{span(length)}</span>
          )}
        </span>
        <span className="cell-review">
          {incident.hold && (
            <span className="held" title="Kept from retention">
              <LockIcon size={14} />
              <span className="sr-only">Held</span>
            </span>
          )}
          <ReviewMark state={incident.reviewState} />
        </span>
      </Link>
    </li>
  );
});
