// Why an incident was raised: its rules in words, and the parts of the risk at its peak.
import type { Incident, Rule } from '../gen/api';
import { instant, seconds, span, storeClock } from '../lib/time';
import { kindSentences, kindWords, partName, risk as riskText } from '../lib/words';

/** A rule as a sentence; `rule` is unknown where the camera uses the service's own rules. */
export function ruleSentence(ruleId: string, rule: Rule | undefined): string {
  if (!rule) return `Rule “${ruleId}”`;
  const conditions = [
    rule.minRisk > 0 ? `risk of ${riskText(rule.minRisk)} or more` : '',
    rule.minPeople > 0 ? `${rule.minPeople} people or more` : '',
    (seconds(rule.minDuration) ?? 0) > 0 ? `for ${span(seconds(rule.minDuration))}` : '',
    rule.zoneIds.length ? `in ${rule.zoneIds.join(', ')}` : '',
  ].filter(Boolean);
  return `${kindWords[rule.kind]}: ${kindSentences[rule.kind]}${conditions.length ? ` (${conditions.join(', ')})` : ''}`;
}

export function Why({
  incident,
  rules,
  timeZone,
}: {
  incident: Incident;
  rules: readonly Rule[];
  timeZone: string | undefined;
}) {
  const parts = [...incident.parts].sort(
    (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution),
  );
  const largest = Math.max(0.5, ...parts.map((part) => Math.abs(part.contribution)));
  return (
    <section className="block">
      <h3 className="section-title">Why it was raised</h3>
      <ul className="rule-list">
        {incident.ruleIds.map((id) => (
          <li key={id}>
            {ruleSentence(
              id,
              rules.find((rule) => rule.ruleId === id),
            )}
          </li>
        ))}
      </ul>
      <p className="muted small-text">
        Peak risk <strong className="number">{riskText(incident.peakRisk)}</strong> at{' '}
        <span className="number">{storeClock(instant(incident.peakTime), timeZone)}</span>.
        {parts.length > 0 && ' Right raises the risk, left lowers it.'}
      </p>
      {parts.length > 0 && (
        <table className="parts-table">
          <thead className="sr-only">
            <tr>
              <th scope="col">Part</th>
              <th scope="col">Bar</th>
              <th scope="col">Adds to the log-odds</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => {
              const share = (Math.abs(part.contribution) / largest) * 50;
              const raises = part.contribution >= 0;
              return (
                <tr key={part.name}>
                  <th scope="row">{partName(part.name)}</th>
                  <td className="parts-bar">
                    <span className="parts-track" aria-hidden="true">
                      <span
                        className={raises ? 'raises' : 'lowers'}
                        style={{ width: `${share}%`, left: raises ? '50%' : `${50 - share}%` }}
                      />
                    </span>
                  </td>
                  <td className="number right">
                    {raises ? '+' : '−'}
                    {Math.abs(part.contribution).toFixed(2)}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}
