// Shoppers' attention: who passes shop windows and shelves, who looks, for how long, and who comes in.
import { useMemo, useState } from 'react';
import type { AttentionSum } from '../gen/api';
import { errorText } from '../api/client';
import { getAttentionCsv, listAttention } from '../api/endpoints';
import { useCameras } from '../app/cameras';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { address, Link, navigate, usePlace } from '../lib/router';
import { isoIn, timeZoneTag, timeZoneWords } from '../lib/time_zone';
import { may } from '../lib/words';
import { DownloadIcon } from '../ui/icons';
import { useNotifier } from '../ui/notify';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { Chart } from './chart';
import { ChoiceBar } from './choice_bar';
import { choiceTimeZone, type ChoiceTimeZone } from './choice_time_zone';
import { withLocalStarts } from './csv';
import { Funnels } from './funnels';
import {
  boundsOf,
  choiceQuery,
  comparedBounds,
  parseChoice,
  requestQuery,
  stepOf,
  stepStarts,
  type Bounds,
  type Choice,
  type Step,
} from './query';
import {
  bySteps,
  byZone,
  changeText,
  measureNames,
  measures,
  measureText,
  total,
  zonesToCount,
} from './sums';
import type { NameZone } from './zone_name';
import { ZoneTable } from './zone_table';

/** Sums come by the hour; asking more often shows little. */
const REFRESH_MS = 300_000;

interface Attention {
  bounds: Bounds;
  step: Step;
  sums: AttentionSum[];
  /** The hours that are over, of this period and of the one before; undefined where there are none, or none could be read. */
  compared?: { now: AttentionSum[]; before: AttentionSum[] };
}

const attentionStep = (step: Step) =>
  step === 'day' ? 'ATTENTION_STEP_DAY' : 'ATTENTION_STEP_HOUR';

async function load(choice: Choice, timeZone: string, signal: AbortSignal): Promise<Attention> {
  const now = Date.now();
  const bounds = boundsOf(choice, now, timeZone);
  const step = stepOf(choice, bounds.days);
  const pair = comparedBounds(bounds, now, timeZone);
  const whole = async (part: Bounds) =>
    (await listAttention(requestQuery(choice, part, 'ATTENTION_STEP_TOTAL', timeZone), signal))
      .sums;
  // A comparison that fails must not take the numbers with it.
  const compared = pair
    ? Promise.all([whole(pair.now), whole(pair.before)]).catch(() => undefined)
    : undefined;
  const { sums } = await listAttention(
    requestQuery(choice, bounds, attentionStep(step), timeZone),
    signal,
  );
  const both = await compared;
  return { bounds, step, sums, compared: both && { now: both[0], before: both[1] } };
}

export function InsightsPage() {
  const { resource } = useCameras();
  // The cameras say in which time zone the days are.
  if (resource.data) return <Insights />;
  return (
    <>
      <Header title="Insights" />
      {resource.error ? (
        <Failed error={resource.error} retry={resource.reload} />
      ) : (
        <Loading what="the cameras" />
      )}
    </>
  );
}

function Insights() {
  const { query } = usePlace();
  const queryText = query.toString();
  const choice = useMemo(() => parseChoice(new URLSearchParams(queryText)), [queryText]);
  const key = choiceQuery({ ...choice, zone: '' }).toString();
  const { list } = useCameras();
  const timeZone = useMemo(() => choiceTimeZone(list, choice), [list, choice]);
  const attention = useResource(
    `attention ${timeZone.name} ${key}`,
    (signal) => load(choice, timeZone.name, signal),
    REFRESH_MS,
  );
  const bounds = useMemo(
    () => attention.data?.bounds ?? boundsOf(choice, Date.now(), timeZone.name),
    [attention.data, choice, timeZone.name],
  );
  const choose = (next: Choice) =>
    navigate(address('/insights', choiceQuery(next)), { replace: true });

  return (
    <>
      <Header
        title="Insights"
        tools={<CsvButton choice={choice} bounds={bounds} timeZone={timeZone.name} />}
      />
      <ChoiceBar choice={choice} bounds={bounds} timeZone={timeZone.name} onChange={choose} />
      <div className="page-scroll">
        <TimeZoneNote timeZone={timeZone} at={bounds.until} />
        {!attention.data ? (
          attention.error ? (
            <Failed error={attention.error} retry={attention.reload} />
          ) : (
            <Loading what="the numbers" />
          )
        ) : attention.data.sums.length > 0 ? (
          <Numbers
            attention={attention.data}
            choice={choice}
            timeZone={timeZone.name}
            error={attention.error}
            onChoose={choose}
          />
        ) : zonesToCount(list, choice).length > 0 ? (
          <Empty title="Nobody came near in this period">
            <p>Numbers come by the hour, from the first one in which a zone is watched.</p>
            {choice.period !== '28d' && (
              <Link
                className="button"
                href={address(
                  '/insights',
                  choiceQuery({ ...choice, period: '28d', first: undefined, last: undefined }),
                )}
              >
                Look at the last 28 days
              </Link>
            )}
          </Empty>
        ) : (
          <NoZones choice={choice} />
        )}
      </div>
    </>
  );
}

/** Says whose days these are where that may not be what the reader thinks. */
function TimeZoneNote({ timeZone, at }: { timeZone: ChoiceTimeZone; at: number }) {
  const { nameOf } = useCameras();
  const { name, camera, mixed } = timeZone;
  const tag = timeZoneTag(at, name);
  if (!camera || !(tag || mixed)) return null;
  return (
    <p className="muted small-text time-zone-note">
      Days and hours are those of {timeZoneWords(name)}
      {tag && ` (${tag})`}
      {mixed &&
        `, the time zone of ${nameOf(camera.cameraId)} in ${camera.storeId}; other cameras of this choice are in another`}
      .
    </p>
  );
}

function CsvButton({
  choice,
  bounds,
  timeZone,
}: {
  choice: Choice;
  bounds: Bounds;
  timeZone: string;
}) {
  const { notify } = useNotifier();
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const step = attentionStep(stepOf(choice, bounds.days));
      const csv = await getAttentionCsv(requestQuery(choice, bounds, step, timeZone));
      const local = withLocalStarts(csv, (at) => isoIn(at, timeZone));
      const url = URL.createObjectURL(new Blob([local], { type: 'text/csv' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = 'attention.csv';
      link.click();
      // Not at once: the browser reads it after the click.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      notify({
        key: 'csv',
        tone: 'critical',
        title: 'The table could not be downloaded',
        text: errorText(error),
      });
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" className="button small" disabled={busy} onClick={() => void download()}>
      <DownloadIcon size={14} /> CSV
    </button>
  );
}

function NoZones({ choice }: { choice: Choice }) {
  const { principal } = useSession();
  const only = choice.cameras.length === 1 ? choice.cameras[0]! : '';
  const some = choice.stores.length + choice.cameras.length + choice.kinds.length > 0;
  return (
    <Empty
      title={some ? 'No such zones are drawn here' : 'No storefronts or shelves are drawn yet'}
    >
      <p>
        Attention is counted at zones of the kinds storefront and shelf.{' '}
        {may(principal, 'ROLE_ADMIN')
          ? 'Open a camera, choose the kind, press Draw and click the corners on its picture.'
          : 'An admin draws them on the picture of a camera.'}
      </p>
      <Link
        className="button primary"
        href={only ? `/cameras/${encodeURIComponent(only)}/zones` : '/cameras'}
      >
        {only ? 'Draw zones of this camera' : 'Go to Cameras'}
      </Link>
      {some && (
        <Link className="button" href="/insights">
          Look at all of them
        </Link>
      )}
    </Empty>
  );
}

function Numbers({
  attention,
  choice,
  timeZone,
  error,
  onChoose,
}: {
  attention: Attention;
  choice: Choice;
  timeZone: string;
  error: unknown;
  onChoose: (choice: Choice) => void;
}) {
  const { list, byId, nameOf: cameraName } = useCameras();
  const { bounds, step, sums, compared } = attention;
  const nameZone: NameZone = ({ cameraId, zoneId }) => ({
    camera: cameraName(cameraId),
    zone: byId.get(cameraId)?.camera?.zones.find((zone) => zone.zoneId === zoneId)?.name || zoneId,
  });
  const zones = useMemo(() => byZone(sums, zonesToCount(list, choice)), [sums, list, choice]);
  const starts = useMemo(() => stepStarts(bounds, step, timeZone), [bounds, step, timeZone]);
  const chosen = zones.find((zone) => zone.key === choice.zone);
  const zoneFilter = chosen?.key ?? '';
  const steps = useMemo(() => bySteps(sums, starts, zoneFilter), [sums, starts, zoneFilter]);
  const counts = useMemo(() => total(sums, zoneFilter), [sums, zoneFilter]);
  const title = `${chosen ? `${nameZone(chosen).zone}, ${nameZone(chosen).camera}` : 'All zones'} by ${step}`;

  return (
    <div className="insights">
      <Outdated error={error} />
      <dl className="measures">
        {measureNames.map((name) => {
          const measure = measures[name];
          const change =
            compared &&
            changeText(
              measure,
              measure.of(total(compared.now, zoneFilter)),
              measure.of(total(compared.before, zoneFilter)),
            );
          return (
            <div key={name} className="block">
              <dt>{measure.name}</dt>
              <dd className="measure-value number">
                {measureText(measure, measure.of(counts))}
                {change && <span className="measure-change"> {change.text}</span>}
              </dd>
              <dd className="muted small-text">{measure.note}</dd>
            </div>
          );
        })}
      </dl>
      <section className="block" aria-label="Over time">
        <div className="row wrap">
          <h2 className="section-title grow">{title}</h2>
          {chosen && (
            <button
              type="button"
              className="button small"
              onClick={() => onChoose({ ...choice, zone: '' })}
            >
              Show all zones
            </button>
          )}
        </div>
        <Chart title={title} starts={starts} steps={steps} step={step} timeZone={timeZone} />
      </section>
      <Funnels zones={chosen ? [chosen] : zones} nameOf={nameZone} />
      <ZoneTable
        zones={zones}
        nameOf={nameZone}
        chosen={zoneFilter}
        onChoose={(zone) => onChoose({ ...choice, zone })}
      />
      <p className="muted small-text">
        Who passes two zones counts at both, and who comes back later counts again. Where somebody
        looks is told from nose, eyes and ears.
        {compared && ' ▲ and ▼ compare with as many days before, hours that are over alone.'}
      </p>
    </div>
  );
}
