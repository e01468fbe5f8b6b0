// The corners of a zone as fractions of the picture: the same as the drawing, for keyboards.
import { useState } from 'react';
import type { NormalizedPoint, Zone } from '../gen/api';
import { MAX_CORNERS, MIN_CORNERS } from '../lib/polygon';
import { PlusIcon, TrashIcon } from '../ui/icons';

export function Corners({
  zone,
  onPolygon,
}: {
  zone: Zone;
  onPolygon: (polygon: NormalizedPoint[]) => boolean;
}) {
  const { polygon } = zone;
  const set = (i: number, part: Partial<NormalizedPoint>) =>
    onPolygon(polygon.map((corner, at) => (at === i ? { ...corner, ...part } : corner)));
  const insert = (i: number) => {
    const a = polygon[i]!;
    const b = polygon[(i + 1) % polygon.length]!;
    onPolygon([
      ...polygon.slice(0, i + 1),
      { x: (a.x + b.x) / 2 + 0.0001, y: (a.y + b.y) / 2 + 0.0001 },
      ...polygon.slice(i + 1),
    ]);
  };
  return (
    <details className="corners">
      <summary>Corners by numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="sr-only">Corner</span>
            </th>
            <th scope="col">x →</th>
            <th scope="col">y ↓</th>
            <th scope="col">
              <span className="sr-only">Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {polygon.map((corner, i) => (
            <tr key={i}>
              <th scope="row" className="number">
                {i + 1}
              </th>
              <td>
                <Coordinate
                  label={`x of corner ${i + 1}`}
                  value={corner.x}
                  onValue={(x) => set(i, { x })}
                />
              </td>
              <td>
                <Coordinate
                  label={`y of corner ${i + 1}`}
                  value={corner.y}
                  onValue={(y) => set(i, { y })}
                />
              </td>
              <td className="row">
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Add a corner after ${i + 1}`}
                  disabled={polygon.length >= MAX_CORNERS}
                  onClick={() => insert(i)}
                >
                  <PlusIcon size={14} />
                </button>
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Delete corner ${i + 1}`}
                  disabled={polygon.length <= MIN_CORNERS}
                  onClick={() => onPolygon(polygon.filter((_, at) => at !== i))}
                >
                  <TrashIcon size={14} />
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function Coordinate({
  label,
  value,
  onValue,
}: {
  label: string;
  value: number;
  onValue: (value: number) => boolean;
}) {
  const [text, setText] = useState<string>();
  const shown = text ?? String(Number(value.toFixed(4)));
  return (
    <input
      className="input small number"
      type="number"
      min={0}
      max={1}
      step={0.01}
      aria-label={label}
      value={shown}
      onChange={(event) => {
        const next = Number(event.target.value);
        // What is refused stays in the field until it is left, with the reason below the picture.
        if (event.target.value === '' || !onValue(next)) setText(event.target.value);
        else setText(undefined);
      }}
      onBlur={() => setText(undefined)}
    />
  );
}
