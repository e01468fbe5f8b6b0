// What happened to the incident and what staff said of it, oldest first.
import type { GetIncidentResponse, IncidentTransition } from '../gen/api';
import { instant, storeMoment } from '../lib/time';
import {
  kindWords,
  reviewWords,
  risk as riskText,
  severityWords,
  transitionWords,
} from '../lib/words';

/** What a transition changed against the one before. */
function changes(step: IncidentTransition, before: IncidentTransition | undefined): string {
  const now = step.incident;
  const old = before?.incident;
  if (!now) return '';
  if (!old)
    return `${kindWords[now.kind]}, ${severityWords[now.severity].toLowerCase()}, risk ${riskText(now.peakRisk)}`;
  const parts = [
    now.kind !== old.kind && `now ${kindWords[now.kind].toLowerCase()}`,
    now.severity !== old.severity && `now ${severityWords[now.severity].toLowerCase()}`,
    now.tracks.length !== old.tracks.length && `${now.tracks.length} people`,
    now.peakRisk > old.peakRisk + 0.005 && `risk ${riskText(now.peakRisk)}`,
    now.ruleIds.length !== old.ruleIds.length &&
      `rule ${now.ruleIds.filter((id) => !old.ruleIds.includes(id)).join(', ')}`,
    now.zoneIds.length !== old.zoneIds.length &&
      `in ${now.zoneIds.filter((id) => !old.zoneIds.includes(id)).join(', ')}`,
    now.degraded.length > old.degraded.length && `without ${now.degraded.join(', ')}`,
  ].filter(Boolean);
  return parts.join(', ');
}

export function History({
  data,
  timeZone,
}: {
  data: GetIncidentResponse;
  timeZone: string | undefined;
}) {
  const steps = data.transitions.map((step, i) => ({
    key: `t${step.number}`,
    at: instant(step.time) ?? 0,
    what: transitionWords[step.kind],
    who: '',
    text: changes(step, data.transitions[i - 1]),
    review: false,
  }));
  const reviews = data.reviews.map((review) => ({
    key: review.reviewId,
    at: instant(review.createTime) ?? 0,
    what: reviewWords[review.state],
    who: review.reviewer,
    text: review.note,
    review: true,
  }));
  const all = [...steps, ...reviews].sort((a, b) => a.at - b.at);
  return (
    <section className="block">
      <h3 className="section-title">History</h3>
      <ol className="history">
        {all.map((one) => (
          <li key={one.key} className={one.review ? 'by-staff' : ''}>
            <span className="number muted">{storeMoment(one.at, Date.now(), timeZone)}</span>
            <span>
              <strong>{one.what}</strong>
              {one.who && <> by {one.who}</>}
              {one.text && <span className="history-text">{one.text}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
