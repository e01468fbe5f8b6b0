// Every zone with its numbers, in the order of any column.
import { useState } from 'react';
import { ZoneName, type NameZone } from './zone_name';
import {
  measureNames,
  measures,
  measureText,
  number,
  type MeasureName,
  type ZoneCounts,
} from './sums';

type Column = MeasureName | 'zone';
export interface Order {
  column: Column;
  descending: boolean;
}

/** What has no value comes last, whichever the direction; zones that are equal stay in the order of their names. */
export function sortZones(
  zones: readonly ZoneCounts[],
  { column, descending }: Order,
  nameOf: NameZone,
): ZoneCounts[] {
  const text = (zone: ZoneCounts) => {
    const names = nameOf(zone);
    return `${names.zone} ${names.camera} ${zone.storeId}`;
  };
  const byName = (a: ZoneCounts, b: ZoneCounts) => text(a).localeCompare(text(b), 'en-GB');
  return [...zones].sort((a, b) => {
    if (column === 'zone') return descending ? byName(b, a) : byName(a, b);
    const [x, y] = [measures[column].of(a), measures[column].of(b)];
    if (x === undefined || y === undefined)
      return x === y ? byName(a, b) : x === undefined ? 1 : -1;
    return (descending ? y - x : x - y) || byName(a, b);
  });
}

export function ZoneTable({
  zones,
  nameOf,
  chosen,
  onChoose,
}: {
  zones: readonly ZoneCounts[];
  nameOf: NameZone;
  /** Key of the zone that the chart shows. */
  chosen: string;
  onChoose: (key: string) => void;
}) {
  const [order, setOrder] = useState<Order>({ column: 'passersBy', descending: true });
  const head = (column: Column, name: string, note: string) => {
    const current = order.column === column;
    return (
      <th
        key={column}
        scope="col"
        className={column === 'zone' ? '' : 'right'}
        aria-sort={current ? (order.descending ? 'descending' : 'ascending') : undefined}
      >
        <button
          type="button"
          className="sort-button"
          onClick={() =>
            setOrder({ column, descending: current ? !order.descending : column !== 'zone' })
          }
        >
          {name}
          <span aria-hidden="true">{current ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
          {note && <span className="block-text">{note}</span>}
        </button>
      </th>
    );
  };
  return (
    <section aria-label="Zones">
      <h2 className="section-title">Zones</h2>
      <div className="table-scroll framed">
        <table className="table zone-table">
          <thead>
            <tr>
              {head('zone', 'Zone', '')}
              {measureNames.map((name) => head(name, measures[name].name, measures[name].note))}
            </tr>
          </thead>
          <tbody>
            {sortZones(zones, order, nameOf).map((zone) => (
              <tr key={zone.key} className={zone.key === chosen ? 'chosen' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    className="zone-pick"
                    aria-pressed={zone.key === chosen}
                    title="Show this zone in the chart"
                    onClick={() => onChoose(zone.key === chosen ? '' : zone.key)}
                  >
                    <ZoneName zone={zone} nameOf={nameOf} />
                  </button>
                </th>
                {measureNames.map((name) => (
                  <td key={name} className="right number">
                    {measureText(measures[name], measures[name].of(zone))}
                    <Absolute zone={zone} name={name} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** How many people a share is. */
function Absolute({ zone, name }: { zone: ZoneCounts; name: MeasureName }) {
  if (name !== 'looked' && name !== 'entered' && name !== 'lookedAndEntered') return null;
  return <span className="block-text muted small-text">{number(zone[name])}</span>;
}
