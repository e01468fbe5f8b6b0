// What the draft's zones and rules would have raised on the camera's last day. Nothing is stored.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Camera, Incident, PreviewRulesResponse, RuleRehearsal } from '../gen/api';
import { ApiError } from '../api/client';
import { previewRules } from '../api/endpoints';
import { instant, seconds, span, storeMoment } from '../lib/time';
import { usableTimeZone } from '../lib/time_zone';
import { count, kindWords, risk } from '../lib/words';
import { SeverityMark } from '../ui/parts';
import { Problem } from '../ui/states';
import { sceneFaults } from './draft';

type Scene = Pick<Camera, 'zones' | 'rules'>;

export interface RehearsalState {
  running: boolean;
  error: unknown;
  /** What was tried last, and what came of it. */
  done?: { scene: Scene; answer: PreviewRulesResponse };
  run: (scene: Scene) => void;
}

const textOf = ({ zones, rules }: Scene) => JSON.stringify([zones, rules]);

/** Keeps the answer while the tabs of the editor change. */
export function useRehearsal(cameraId: string): RehearsalState {
  const [state, setState] = useState<Omit<RehearsalState, 'run'>>({
    running: false,
    error: undefined,
  });
  const there = useRef(true);
  useEffect(() => {
    there.current = true;
    return () => {
      there.current = false;
    };
  }, []);
  const run = useCallback(
    ({ zones, rules }: Scene) => {
      setState((old) => ({ ...old, running: true, error: undefined }));
      previewRules(cameraId, zones, rules).then(
        (answer) =>
          there.current &&
          setState({ running: false, error: undefined, done: { scene: { zones, rules }, answer } }),
        (error: unknown) => there.current && setState((old) => ({ ...old, running: false, error })),
      );
    },
    [cameraId],
  );
  return { ...state, run };
}

export function Rehearsal({ rehearsal, camera }: { rehearsal: RehearsalState; camera: Camera }) {
  const { running, error, done, run } = rehearsal;
  const faults = sceneFaults(camera);
  const changed = done !== undefined && textOf(done.scene) !== textOf(camera);
  return (
    <section className="block rehearsal" aria-labelledby="rehearsal-title">
      <div className="row wrap">
        <h3 className="grow" id="rehearsal-title">
          What would have fired in the last day
        </h3>
        <button
          type="button"
          className="button small"
          disabled={running || faults.length > 0}
          onClick={() => run(camera)}
        >
          {running ? 'Trying …' : done ? 'Try again' : 'Try'}
        </button>
      </div>
      {faults.length > 0 && <p className="warning-text small-text">Mend this first: {faults[0]}</p>}
      <div role="status">
        {running && <p className="muted">Trying these zones and rules on the last day …</p>}
        {!running && changed && (
          <p className="warning-text small-text">Zones or rules were changed since; try again.</p>
        )}
      </div>
      {error ? (
        <Refusal error={error} />
      ) : (
        done && <Answer {...done} timeZone={usableTimeZone(camera.timeZone)} />
      )}
      {!error && !done && !running && (
        <p className="muted small-text">
          Tries the zones and rules as they stand here on what the camera saw. Nothing is stored,
          and nobody is alerted.
        </p>
      )}
    </section>
  );
}

function Refusal({ error }: { error: unknown }) {
  return (
    <Problem error={error}>
      {error instanceof ApiError && error.status === 503 && (
        <span className="muted">What was seen is kept where the camera runs.</span>
      )}
    </Problem>
  );
}

function Answer({
  scene,
  answer,
  timeZone,
}: {
  scene: Scene;
  answer: PreviewRulesResponse;
  timeZone: string | undefined;
}) {
  const now = Date.now();
  const from = instant(answer.fromTime);
  if (from === undefined)
    return (
      <p className="notice">
        Nothing has been kept of this camera yet. Try again once it has been watched for a while.
      </p>
    );
  return (
    <>
      <p className="muted small-text">
        Watched for {span(seconds(answer.watched) ?? 0)} from{' '}
        <span className="number">{storeMoment(from, now, timeZone)}</span> to{' '}
        <span className="number">{storeMoment(instant(answer.untilTime), now, timeZone)}</span>.
        {scene.rules.length === 0 && ' The shared rules of the fusion service were tried.'}
      </p>
      <ul className="rehearsed">
        {answer.rules.map((one) => (
          <Rehearsed key={one.ruleId} rehearsal={one} scene={scene} timeZone={timeZone} />
        ))}
      </ul>
    </>
  );
}

function Rehearsed({
  rehearsal,
  scene,
  timeZone,
}: {
  rehearsal: RuleRehearsal;
  scene: Scene;
  timeZone: string | undefined;
}) {
  const { ruleId, incidents, examples } = rehearsal;
  const rule = scene.rules.find((one) => one.ruleId === ruleId);
  const name = (
    <>
      <strong>{rule ? kindWords[rule.kind] : ruleId}</strong>{' '}
      {rule && <span className="muted small-text">{ruleId}</span>}
    </>
  );
  const number = (
    <span className={incidents ? 'rehearsed-count number' : 'muted'}>
      {incidents ? count(incidents, 'incident') : 'none'}
    </span>
  );
  return (
    <li>
      {examples.length === 0 ? (
        <p className="row">
          <span className="grow">{name}</span>
          {number}
        </p>
      ) : (
        <details>
          <summary className="row">
            <span className="grow">{name}</span>
            {number}
          </summary>
          <ul className="examples">
            {examples.map((incident) => (
              <li key={incident.incidentId}>
                <span className="number">
                  {storeMoment(instant(incident.openedTime), Date.now(), timeZone)}
                </span>{' '}
                <SeverityMark severity={incident.severity} />{' '}
                <span className="muted">{exampleText(incident, scene)}</span>
              </li>
            ))}
            {incidents > examples.length && (
              <li className="muted">and {count(incidents - examples.length, 'older one')}</li>
            )}
          </ul>
        </details>
      )}
    </li>
  );
}

/** "42 s, 2 people, in Cosmetics, risk 0.83" */
export function exampleText(incident: Incident, scene: Scene): string {
  const opened = instant(incident.openedTime);
  const last = instant(incident.closedTime) ?? instant(incident.updatedTime);
  const zones = incident.zoneIds.map(
    (id) => scene.zones.find((zone) => zone.zoneId === id)?.name || id,
  );
  return [
    opened !== undefined && last !== undefined ? span((last - opened) / 1000) : '',
    count(incident.tracks.length, 'person', 'people'),
    zones.length ? `in ${zones.join(', ')}` : '',
    incident.peakRisk > 0 ? `risk ${risk(incident.peakRisk)}` : '',
  ]
    .filter(Boolean)
    .join(', ');
}
