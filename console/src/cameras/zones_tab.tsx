// Zones: the list, the drawing, and the corners as numbers for those who do not draw.
import { useState, type ReactNode } from 'react';
import {
  ZoneKindValues,
  type Camera,
  type NormalizedPoint,
  type Zone,
  type ZoneKind,
} from '../gen/api';
import { polygonFault, rounded } from '../lib/polygon';
import { zoneWords } from '../lib/words';
import { PlusIcon, TrashIcon } from '../ui/icons';
import { Field } from '../ui/parts';
import { Corners } from './corners';
import { freeId, MAX_ZONES } from './draft';
import { useSnapshot } from './snapshot';
import { ZoneCanvas } from './zone_canvas';

const KINDS = ZoneKindValues.filter((kind) => kind !== 'ZONE_KIND_UNSPECIFIED');

export function ZonesTab({
  camera,
  saved,
  readOnly,
  onChange,
  children,
}: {
  camera: Camera;
  saved: Camera;
  readOnly: boolean;
  onChange: (zones: Zone[]) => void;
  /** Stands below the zones. */
  children?: ReactNode;
}) {
  const { zones } = camera;
  const [chosen, setChosen] = useState(zones[0]?.zoneId ?? '');
  const [drawing, setDrawing] = useState(false);
  const [kind, setKind] = useState<ZoneKind>('ZONE_KIND_SHELF');
  const [message, setMessage] = useState('');
  const snapshot = useSnapshot(camera.cameraId);
  const at = zones.findIndex((zone) => zone.zoneId === chosen);
  const zone = zones[at];

  const replace = (next: Zone) => {
    onChange(zones.map((one, i) => (i === at ? next : one)));
    if (next.zoneId !== chosen) setChosen(next.zoneId);
  };
  /** Refuses what would cross itself; says why, and whether it was taken. */
  const setPolygon = (zoneId: string, polygon: NormalizedPoint[]): boolean => {
    const fault = polygonFault(polygon);
    setMessage(fault ? `Not done. ${fault}` : '');
    if (fault) return false;
    onChange(
      zones.map((one) => (one.zoneId === zoneId ? { ...one, polygon: polygon.map(rounded) } : one)),
    );
    return true;
  };
  const finish = (polygon: NormalizedPoint[]) => {
    const fault = polygonFault(polygon);
    setMessage(fault);
    if (fault) return false;
    const zoneId = freeId(
      zoneWords[kind],
      zones.map((one) => one.zoneId),
    );
    onChange([...zones, { zoneId, name: '', kind, polygon: polygon.map(rounded) }]);
    setChosen(zoneId);
    setDrawing(false);
    return true;
  };
  const remove = (gone: Zone) => {
    const user = camera.rules.find((rule) => rule.zoneIds.includes(gone.zoneId));
    if (user) {
      // Without the zone the rule would hold in every zone, which nobody asked for.
      setMessage(
        `The rule “${user.ruleId}” names this zone. Choose another zone there, or remove the rule, then delete the zone.`,
      );
      return;
    }
    setMessage('');
    const rest = zones.filter((one) => one !== gone);
    onChange(rest);
    setChosen(rest[0]?.zoneId ?? '');
  };

  return (
    <div className="zones">
      <section className="zones-picture" aria-label="Drawing">
        <ZoneCanvas
          picture={snapshot.url}
          zones={zones}
          chosen={chosen}
          drawing={drawing}
          readOnly={readOnly}
          onChoose={setChosen}
          onPolygon={setPolygon}
          onFinish={finish}
          onMessage={setMessage}
          onCancel={() => {
            setDrawing(false);
            setMessage('');
          }}
        />
        <p className="zone-message" role="status" aria-live="assertive">
          {message ? (
            <span className="warning-text">{message}</span>
          ) : (
            <span className="muted">
              {drawing
                ? 'Click the corners in order; click the first one again, or press Enter, to finish. Esc drops it.'
                : zone && !readOnly
                  ? 'Drag corners, or focus one and use the arrow keys. Del deletes it; a small dot adds one.'
                  : snapshot.note}
            </span>
          )}
          {!drawing && (
            <button type="button" className="button quiet small" onClick={snapshot.reload}>
              New picture
            </button>
          )}
        </p>
        {snapshot.note && !drawing && <p className="notice warning">{snapshot.note}</p>}
      </section>
      <aside className="zones-side">
        {!readOnly &&
          (drawing ? (
            <button
              type="button"
              className="button"
              onClick={() => {
                setDrawing(false);
                setMessage('');
              }}
            >
              Stop drawing
            </button>
          ) : (
            <div className="row">
              <select
                className="input"
                aria-label="Kind of the new zone"
                value={kind}
                onChange={(event) => setKind(event.target.value as ZoneKind)}
              >
                {KINDS.map((one) => (
                  <option key={one} value={one}>
                    {zoneWords[one]}
                  </option>
                ))}
              </select>
              <button
                type="button"
                className="button"
                disabled={zones.length >= MAX_ZONES}
                onClick={() => {
                  setDrawing(true);
                  setMessage('');
                }}
              >
                <PlusIcon size={14} /> Draw
              </button>
              <button
                type="button"
                className="button quiet small"
                disabled={zones.length >= MAX_ZONES}
                onClick={() =>
                  finish([
                    { x: 0.35, y: 0.35 },
                    { x: 0.65, y: 0.35 },
                    { x: 0.65, y: 0.65 },
                    { x: 0.35, y: 0.65 },
                  ])
                }
              >
                By numbers
              </button>
            </div>
          ))}
        <ul className="zone-list" aria-label="Zones">
          {zones.map((one) => (
            <li key={one.zoneId}>
              <button
                type="button"
                className="zone-item"
                aria-pressed={one.zoneId === chosen}
                onClick={() => {
                  setChosen(one.zoneId);
                  setMessage('');
                }}
              >
                <span className={`zone-swatch ${one.kind}`} aria-hidden="true" />
                <span className="grow ellipsis">{one.name || one.zoneId}</span>
                <span className="muted small-text">{zoneWords[one.kind]}</span>
              </button>
            </li>
          ))}
        </ul>
        {zones.length === 0 && !drawing && (
          <p className="muted">No zones yet. Without zones, rules about places cannot hold.</p>
        )}
        {zone && (
          <ZoneForm
            key={zone.zoneId}
            zone={zone}
            fixedId={saved.zones.some((one) => one.zoneId === zone.zoneId)}
            readOnly={readOnly}
            taken={zones.filter((one) => one !== zone).map((one) => one.zoneId)}
            onChange={replace}
            onPolygon={(polygon) => setPolygon(zone.zoneId, polygon)}
            onRemove={() => remove(zone)}
          />
        )}
        {children}
      </aside>
    </div>
  );
}

function ZoneForm({
  zone,
  fixedId,
  readOnly,
  taken,
  onChange,
  onPolygon,
  onRemove,
}: {
  zone: Zone;
  fixedId: boolean;
  readOnly: boolean;
  taken: string[];
  onChange: (zone: Zone) => void;
  onPolygon: (polygon: NormalizedPoint[]) => boolean;
  onRemove: () => void;
}) {
  const [id, setId] = useState(zone.zoneId);
  const idFault = !/^[A-Za-z0-9._-]{1,64}$/.test(id)
    ? 'Use 1 to 64 of A–Z a–z 0–9 . _ -'
    : taken.includes(id)
      ? 'Another zone has this id.'
      : '';
  return (
    <fieldset className="zone-form form" disabled={readOnly}>
      <legend className="sr-only">Zone {zone.name || zone.zoneId}</legend>
      <Field label="Name">
        <input
          className="input small"
          maxLength={256}
          value={zone.name}
          onChange={(event) => onChange({ ...zone, name: event.target.value })}
        />
      </Field>
      <div className="pair">
        <Field label="Kind">
          <select
            value={zone.kind}
            onChange={(event) => onChange({ ...zone, kind: event.target.value as ZoneKind })}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {zoneWords[one]}
              </option>
            ))}
          </select>
        </Field>
        <Field label="Id" error={idFault}>
          <input
            className="input small"
            value={id}
            disabled={fixedId}
            spellCheck={false}
            onChange={(event) => setId(event.target.value.trim())}
            onBlur={() =>
              idFault ? setId(zone.zoneId) : id !== zone.zoneId && onChange({ ...zone, zoneId: id })
            }
          />
        </Field>
      </div>
      <Corners zone={zone} onPolygon={onPolygon} />
      {!readOnly && (
        <button type="button" className="button small danger" onClick={onRemove}>
          <TrashIcon size={14} /> Delete the zone
        </button>
      )}
    </fieldset>
  );
}
