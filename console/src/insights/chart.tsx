// Passers-by, those who looked and those who entered, over time. Each is told by its shape as well as by its
// colour, the pointer reads single steps, and the same numbers are there as a table.
import { useState, type PointerEvent } from 'react';
import { day, hourMinute, weekday } from '../lib/time';
import { hourIn } from '../lib/time_zone';
import type { Step } from './query';
import { measures, measureText, number, type Counts } from './sums';

const WIDTH = 1000;
const HEIGHT = 200;
/** Steps from which dots on the line would touch each other. */
const MANY = 60;
/** There is one chart on the page. */
const HATCH = 'chart-hatch-pattern';

/** A round number not below `value`, of which a half is round, too. */
export function axisTop(value: number): number {
  if (value <= 2) return 2;
  const unit = 10 ** Math.floor(Math.log10(value));
  const top = [1, 2, 3, 4, 5, 6, 8, 10].find((n) => n * unit >= value) ?? 10;
  const result = top * unit;
  return result % 2 ? result + 1 : result;
}

function stepName(at: number, step: Step, long: boolean, timeZone: string): string {
  if (step === 'day') return weekday(at, timeZone);
  const hour = hourMinute(at, timeZone);
  return long ? `${weekday(at, timeZone)}, ${hour}` : hour;
}

export function Chart({
  title,
  starts,
  steps,
  step,
  timeZone,
}: {
  title: string;
  starts: readonly number[];
  steps: readonly Counts[];
  step: Step;
  timeZone: string;
}) {
  const [at, setAt] = useState<number>();
  const top = axisTop(Math.max(0, ...steps.map((one) => one.passersBy)));
  const slot = WIDTH / Math.max(1, steps.length);
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const middle = (i: number) => (i + 0.5) * slot;
  const read = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const i = Math.floor(((event.clientX - box.left) / box.width) * steps.length);
    setAt(i >= 0 && i < steps.length ? i : undefined);
  };
  const shown = at === undefined ? undefined : steps[at];
  const severalDays =
    starts.length > 0 && weekday(starts[0]!, timeZone) !== weekday(starts.at(-1)!, timeZone);

  return (
    <figure className="chart">
      <figcaption className="chart-head">
        <span className="chart-legend" aria-hidden="true">
          <span className="chart-key passers">Passers-by</span>
          <span className="chart-key looked">Looked</span>
          <span className="chart-key entered">Entered</span>
        </span>
        <span className="chart-reading number" aria-hidden="true">
          {shown && at !== undefined
            ? `${stepName(starts[at]!, step, severalDays, timeZone)}: ${number(shown.passersBy)} passed, ${number(shown.looked)} looked, ${number(shown.entered)} entered`
            : ''}
        </span>
      </figcaption>
      <div className="chart-frame">
        <div className="chart-scale number" aria-hidden="true">
          {[top, top / 2, 0].map((value) => (
            <span key={value}>{number(value)}</span>
          ))}
        </div>
        <div
          className="chart-plot"
          onPointerMove={read}
          onPointerDown={read}
          onPointerLeave={() => setAt(undefined)}
        >
          <svg
            viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={`${title}. The numbers are in the table below the chart.`}
          >
            <defs>
              <pattern
                id={HATCH}
                width="7"
                height="7"
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width="7" height="7" className="chart-hatch-ground" />
                <line x1="0" y1="0" x2="0" y2="7" className="chart-hatch" />
              </pattern>
            </defs>
            {[0, 0.5].map((share) => (
              <line
                key={share}
                className="chart-grid"
                x1="0"
                x2={WIDTH}
                y1={share * HEIGHT}
                y2={share * HEIGHT}
              />
            ))}
            {steps.map((one, i) => (
              <g key={starts[i]}>
                {at === i && (
                  <rect className="chart-slot" x={i * slot} width={slot} y="0" height={HEIGHT} />
                )}
                <rect
                  className="chart-passers"
                  x={i * slot + slot * 0.12}
                  width={slot * 0.76}
                  y={y(one.passersBy)}
                  height={HEIGHT - y(one.passersBy)}
                />
                <rect
                  fill={`url(#${HATCH})`}
                  className="chart-looked"
                  x={i * slot + slot * 0.28}
                  width={slot * 0.44}
                  y={y(one.looked)}
                  height={HEIGHT - y(one.looked)}
                />
              </g>
            ))}
            <line className="chart-base" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
            <polyline
              className="chart-entered"
              points={steps
                .map((one, i) => `${middle(i).toFixed(1)},${y(one.entered).toFixed(1)}`)
                .join(' ')}
            />
          </svg>
          {steps.length <= MANY &&
            steps.map((one, i) => (
              <span
                key={starts[i]}
                className="chart-dot"
                aria-hidden="true"
                style={{
                  left: `${(middle(i) / WIDTH) * 100}%`,
                  top: `${(y(one.entered) / HEIGHT) * 100}%`,
                }}
              />
            ))}
        </div>
        <Axis starts={starts} step={step} severalDays={severalDays} timeZone={timeZone} />
      </div>
      <details className="chart-table">
        <summary>The numbers as a table</summary>
        <div className="table-scroll">
          <table className="table compact">
            <caption className="sr-only">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{step === 'day' ? 'Day' : 'Hour'}</th>
                <th scope="col" className="right">
                  Passers-by
                </th>
                <th scope="col" className="right">
                  Looked
                </th>
                <th scope="col" className="right">
                  Entered
                </th>
                <th scope="col" className="right">
                  Looking time
                </th>
                <th scope="col" className="right">
                  Dwell
                </th>
              </tr>
            </thead>
            <tbody>
              {steps.map((one, i) => (
                <tr key={starts[i]}>
                  <th scope="row">{stepName(starts[i]!, step, severalDays, timeZone)}</th>
                  <td className="right number">{number(one.passersBy)}</td>
                  <td className="right number">{number(one.looked)}</td>
                  <td className="right number">{number(one.entered)}</td>
                  <td className="right number">
                    {measureText(measures.lookingTime, measures.lookingTime.of(one))}
                  </td>
                  <td className="right number">
                    {measureText(measures.dwell, measures.dwell.of(one))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** Which steps have their names below the chart: few enough to be read, on round places. */
export function axisMarks(
  starts: readonly number[],
  step: Step,
  severalDays: boolean,
  timeZone: string,
): number[] {
  const all = starts.map((_, i) => i);
  if (step === 'day') {
    const every = Math.max(1, Math.ceil(starts.length / 7));
    return all.filter((i) => i % every === 0);
  }
  const hour = (i: number) => hourIn(starts[i]!, timeZone);
  return severalDays && starts.length > 48
    ? all.filter((i) => hour(i) === 0)
    : all.filter((i) => hour(i) % (severalDays ? 12 : 4) === 0);
}

function Axis({
  starts,
  step,
  severalDays,
  timeZone,
}: {
  starts: readonly number[];
  step: Step;
  severalDays: boolean;
  timeZone: string;
}) {
  const marks = axisMarks(starts, step, severalDays, timeZone);
  return (
    <div className="chart-axis number" aria-hidden="true">
      {marks.map((i) => (
        <span
          key={i}
          style={{ left: `${((step === 'day' ? i + 0.5 : i) / starts.length) * 100}%` }}
          className={step}
        >
          {step === 'day' || (severalDays && hourIn(starts[i]!, timeZone) === 0)
            ? day(starts[i], starts[i]!, timeZone)
            : hourMinute(starts[i]!, timeZone)}
        </span>
      ))}
    </div>
  );
}
