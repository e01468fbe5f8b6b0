// One incident: what was seen, why it was raised, what became of it, and what staff say.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Evidence, Incident, ReviewState } from '../gen/api';
import { useCameras } from '../app/cameras';
import { useChanges } from '../app/feed';
import { getIncident, holdIncident, listEvidence } from '../api/endpoints';
import { ApiError, errorText } from '../api/client';
import { Link } from '../lib/router';
import { clock, instant, span, storeClock, storeMoment } from '../lib/time';
import { degradedSentence, kindWords } from '../lib/words';
import { CloseIcon, LockIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';
import { ReviewMark, SeverityMark, StateMark } from '../ui/parts';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { Clip } from './clip';
import { ExportButton } from './export_button';
import { History } from './history';
import { ReviewForm } from './review_form';
import { Scene } from './scene';
import { Timeline } from './timeline';
import { Why } from './why';

/** While evidence is being made it is asked for this often. */
const PENDING_MS = 2500;

export function Detail({
  incidentId,
  mayReview,
  closeHref,
  onReview,
  onChanged,
}: {
  incidentId: string;
  mayReview: boolean;
  closeHref: string;
  onReview: (verdict: ReviewState, note: string) => Promise<boolean>;
  onChanged: (incident: Incident) => void;
}) {
  const { byId, nameOf, timeZoneOf } = useCameras();
  const { notify } = useNotifier();
  const incident = useResource(`incident ${incidentId}`, (signal) =>
    getIncident(incidentId, signal),
  );
  const [pending, setPending] = useState(true);
  const evidence = useResource(
    `evidence ${incidentId}`,
    (signal) => listEvidence(incidentId, signal),
    pending ? PENDING_MS : undefined,
  );
  const video = useRef<HTMLVideoElement>(null);
  const [holding, setHolding] = useState(false);

  const items = evidence.data?.evidence;
  const open = incident.data?.incident?.state === 'INCIDENT_STATE_OPEN';
  useEffect(() => {
    if (items)
      setPending(
        open || items.length === 0 || items.some((one) => one.state === 'EVIDENCE_STATE_PENDING'),
      );
  }, [items, open]);
  useChanges((change) => {
    const id =
      change.kind === 'review' ? change.review.incidentId : change.transition.incident?.incidentId;
    if (id === incidentId) incident.reload();
  });

  // Retention may remove it while it is open, too.
  const gone = [incident.error, evidence.error].some(
    (error) => error instanceof ApiError && error.status === 404,
  );
  if (gone || !incident.data?.incident) {
    return (
      <article className="detail" aria-label="Incident">
        <div className="detail-close">
          <Link className="icon-button" href={closeHref} aria-label="Close">
            <CloseIcon />
          </Link>
        </div>
        {gone ? (
          <Empty title="There is no such incident">
            <p>Retention removed it, or it belongs to a store or camera that you may not see.</p>
            <Link className="button" href={closeHref}>
              Back to the list
            </Link>
          </Empty>
        ) : incident.error ? (
          <Failed error={incident.error} retry={incident.reload} />
        ) : (
          <Loading what="the incident" />
        )}
      </article>
    );
  }

  const it = incident.data.incident;
  const camera = byId.get(it.cameraId)?.camera;
  const timeZone = timeZoneOf(it.cameraId, it.storeId);
  const opened = instant(it.openedTime);
  const last = instant(it.closedTime) ?? instant(it.updatedTime);
  const hold = async () => {
    setHolding(true);
    try {
      const answer = await holdIncident(incidentId, !it.hold);
      if (answer.incident) {
        incident.setData({ ...incident.data!, incident: answer.incident });
        onChanged(answer.incident);
      }
    } catch (error) {
      notify({
        key: 'hold',
        tone: 'critical',
        title: 'The hold was not changed',
        text: errorText(error),
      });
    } finally {
      setHolding(false);
    }
  };

  return (
    <article className="detail" aria-label={`${kindWords[it.kind]} at ${nameOf(it.cameraId)}`}>
      <header className="detail-head">
        <div className="detail-title">
          <h2>
            {kindWords[it.kind]} <SeverityMark severity={it.severity} />
          </h2>
          <p className="muted">
            <Link href={`/live?camera=${encodeURIComponent(it.cameraId)}`}>
              {nameOf(it.cameraId)}
            </Link>{' '}
            · {it.storeId} ·{' '}
            <span className="number">{storeMoment(opened, Date.now(), timeZone)}</span>
            {it.state === 'INCIDENT_STATE_OPEN' ? (
              <>
                {' '}
                · <StateMark state={it.state} />
              </>
            ) : (
              opened !== undefined && last !== undefined && <> · {span((last - opened) / 1000)}</>
            )}
          </p>
        </div>
        <Link className="icon-button" href={closeHref} aria-label="Close the incident">
          <CloseIcon />
        </Link>
      </header>
      <div className="detail-actions">
        <ReviewForm
          incident={it}
          mayReview={mayReview}
          onReview={async (verdict, note) => {
            if (await onReview(verdict, note)) incident.reload();
          }}
        />
        <span className="row">
          {mayReview && (
            <button
              type="button"
              className={it.hold ? 'button small active' : 'button small'}
              aria-pressed={it.hold}
              disabled={holding}
              title="Retention does not touch what is held"
              onClick={() => void hold()}
            >
              <LockIcon size={14} /> {it.hold ? 'Held' : 'Hold'}
            </button>
          )}
          {mayReview && <ExportButton incidentId={incidentId} />}
        </span>
      </div>
      <div className="detail-body">
        <Outdated error={incident.error ?? evidence.error} />
        {it.degraded.length > 0 && (
          <p className="notice warning">
            {degradedSentence(it.degraded)} for some of the time; the incident may be told
            incompletely.
          </p>
        )}
        <Media
          incident={it}
          evidence={items}
          error={evidence.error}
          retry={evidence.reload}
          video={video}
          timeZone={timeZone}
        />
        <div className="detail-columns">
          <Why incident={it} rules={camera?.rules ?? []} timeZone={timeZone} />
          <Scene incident={it} camera={camera} evidence={items ?? []} timeZone={timeZone} />
          <History data={incident.data} timeZone={timeZone} />
          <Facts incident={it} timeZone={timeZone} />
        </div>
      </div>
    </article>
  );
}

function Media({
  incident,
  evidence,
  error,
  retry,
  video,
  timeZone,
}: {
  incident: Incident;
  evidence: Evidence[] | undefined;
  error: unknown;
  retry: () => void;
  video: React.RefObject<HTMLVideoElement | null>;
  timeZone: string | undefined;
}) {
  const newest = useMemo(() => {
    const byKind = new Map<string, Evidence>();
    evidence?.forEach((one) => byKind.set(one.kind, one));
    return byKind;
  }, [evidence]);
  if (!evidence)
    return error ? <Failed error={error} retry={retry} /> : <Loading what="the evidence" />;
  const still =
    newest.get('EVIDENCE_KIND_SNAPSHOT_OVERLAY') ?? newest.get('EVIDENCE_KIND_SNAPSHOT');
  const curve = newest.get('EVIDENCE_KIND_SCORE_CURVE');
  return (
    <section className="media" aria-label="Clip and risk over time">
      <Clip
        clip={newest.get('EVIDENCE_KIND_CLIP')}
        still={still}
        incident={incident}
        video={video}
      />
      <Timeline evidence={curve} incident={incident} video={video} timeZone={timeZone} />
    </section>
  );
}

function Facts({ incident, timeZone }: { incident: Incident; timeZone: string | undefined }) {
  return (
    <section className="block">
      <h3 className="section-title">People and models</h3>
      <table className="table compact">
        <thead>
          <tr>
            <th scope="col">Track</th>
            <th scope="col">Seen</th>
            <th scope="col" className="right">
              Peak risk
            </th>
          </tr>
        </thead>
        <tbody>
          {incident.tracks.map((track) => (
            <tr key={track.trackId}>
              <th scope="row" className="number">
                #{track.trackId}
              </th>
              <td className="number">
                {clock(instant(track.firstTime), timeZone)} –{' '}
                {storeClock(instant(track.lastTime), timeZone)}
              </td>
              <td className="number right">{track.peakRisk.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="row wrap tags" aria-label="Models">
        {incident.models.map((model) => (
          <span className="tag" key={model.name}>
            {model.name} <span className="muted">{model.version}</span>
          </span>
        ))}
        {incident.models.length === 0 && (
          <span className="muted">
            It rests on no model: a rule about places or numbers raised it.
          </span>
        )}
      </p>
      <p className="muted small-text mono">{incident.incidentId}</p>
      <p className="row">
        <ReviewMark state={incident.reviewState} />
      </p>
    </section>
  );
}
