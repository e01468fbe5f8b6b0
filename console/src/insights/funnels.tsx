// For each zone: how many passed, looked, and then entered, as bars of one scale.
import { useState } from 'react';
import { ZoneName, type NameZone } from './zone_name';
import { measureText, measures, number, type ZoneCounts } from './sums';

/** More are shown when asked for. */
const FIRST = 6;

export function Funnels({ zones, nameOf }: { zones: readonly ZoneCounts[]; nameOf: NameZone }) {
  const [all, setAll] = useState(false);
  const seen = [...zones]
    .filter((zone) => zone.passersBy > 0)
    .sort((a, b) => b.passersBy - a.passersBy);
  const shown = all ? seen : seen.slice(0, FIRST);
  return (
    <section aria-label="From passing to entering">
      <h2 className="section-title">From passing to entering</h2>
      <ul className="funnels">
        {shown.map((zone) => (
          <li key={zone.key} className="block">
            <h3>
              <ZoneName zone={zone} nameOf={nameOf} />
            </h3>
            <table className="funnel">
              <thead className="sr-only">
                <tr>
                  <th scope="col">Step</th>
                  <th scope="col">Bar</th>
                  <th scope="col">People</th>
                  <th scope="col">Share</th>
                </tr>
              </thead>
              <tbody>
                <Bar name="Passed" count={zone.passersBy} of={zone.passersBy} share="" />
                <Bar
                  name="Looked"
                  count={zone.looked}
                  of={zone.passersBy}
                  share={measureText(measures.looked, measures.looked.of(zone))}
                />
                <Bar
                  name="… and entered"
                  count={zone.lookedAndEntered}
                  of={zone.passersBy}
                  share={measureText(measures.lookedAndEntered, measures.lookedAndEntered.of(zone))}
                />
              </tbody>
            </table>
          </li>
        ))}
      </ul>
      {seen.length > FIRST && (
        <button type="button" className="button small" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${seen.length} zones`}
        </button>
      )}
    </section>
  );
}

/** `share` is that of the step before. */
function Bar({
  name,
  count,
  of,
  share,
}: {
  name: string;
  count: number;
  of: number;
  share: string;
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="funnel-bar">
        <span className="funnel-track" aria-hidden="true">
          <span style={{ width: `${(count / of) * 100}%` }} />
        </span>
      </td>
      <td className="right number">{number(count)}</td>
      <td className="right number muted">{share}</td>
    </tr>
  );
}
