// The clip, or plain words about why there is none.
import { useState, type RefObject } from 'react';
import type { Evidence, Incident } from '../gen/api';
import { evidenceUrl } from '../api/endpoints';
import { bytes } from '../lib/words';

function sentence(clip: Evidence | undefined, incident: Incident): [string, string] {
  if (!clip) {
    return incident.state === 'INCIDENT_STATE_OPEN'
      ? ['The clip is made when the incident is over', 'Five seconds after its end are part of it.']
      : [
          'There is no clip',
          'None has arrived from ingest. If none comes within a minute, ask who runs the system about its evidence.',
        ];
  }
  switch (clip.state) {
    case 'EVIDENCE_STATE_PENDING':
      return ['The clip is being made', 'It appears here by itself.'];
    case 'EVIDENCE_STATE_FAILED':
      return ['The clip could not be made', clip.error || 'Ingest gave no reason.'];
    case 'EVIDENCE_STATE_EXPIRED':
      return [
        'The clip has expired',
        'Retention removed it. Put a hold on incidents whose clips you need for longer.',
      ];
    default:
      return ['The clip cannot be shown', ''];
  }
}

export function Clip({
  clip,
  still,
  incident,
  video,
}: {
  clip: Evidence | undefined;
  still: Evidence | undefined;
  incident: Incident;
  video: RefObject<HTMLVideoElement | null>;
}) {
  const [broken, setBroken] = useState('');
  const poster =
    still?.state === 'EVIDENCE_STATE_READY' ? evidenceUrl(still.evidenceId) : undefined;
  if (clip?.state === 'EVIDENCE_STATE_READY' && broken !== clip.evidenceId) {
    return (
      <div className="clip">
        <video
          ref={video}
          src={evidenceUrl(clip.evidenceId)}
          poster={poster}
          controls
          playsInline
          preload="metadata"
          muted
          aria-label={`Clip of the incident, ${bytes(clip.sizeBytes)}`}
          onError={() => setBroken(clip.evidenceId)}
        />
      </div>
    );
  }
  const [title, text] = broken
    ? [
        'The clip cannot be played',
        'The browser could not load it. Export the incident to get the file.',
      ]
    : sentence(clip, incident);
  return (
    <div className="clip">
      {poster && <img src={poster} alt="" />}
      <div className="clip-message" role="status">
        <strong>{title}</strong>
        {text && <span>{text}</span>}
        {broken && (
          <button type="button" className="button small" onClick={() => setBroken('')}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
