// Zones over the picture: choosing, drawing, and moving corners by pointer or keys. What a change
// would make invalid is refused by the owner, and the corner goes back.
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import type { NormalizedPoint, Zone } from '../gen/api';
import {
  centre,
  clamp01,
  crossing,
  MAX_CORNERS,
  MIN_CORNERS,
  polygonFault,
  rounded,
} from '../lib/polygon';

/** Pixels around the first corner within which a click closes the outline. */
const CLOSE_PIXELS = 14;
const KEY_STEP = 0.005;
const KEY_LEAP = 0.05;

interface Props {
  picture: string;
  zones: readonly Zone[];
  chosen: string;
  drawing: boolean;
  readOnly: boolean;
  onChoose: (zoneId: string) => void;
  onPolygon: (zoneId: string, polygon: NormalizedPoint[]) => boolean;
  onFinish: (polygon: NormalizedPoint[]) => boolean;
  onMessage: (message: string) => void;
  onCancel: () => void;
}

const points = (polygon: readonly NormalizedPoint[]) =>
  polygon.map(({ x, y }) => `${x},${y}`).join(' ');

export function ZoneCanvas(props: Props) {
  const { picture, zones, chosen, drawing, readOnly } = props;
  const area = useRef<HTMLDivElement>(null);
  const [shape, setShape] = useState(16 / 9);
  const [outline, setOutline] = useState<NormalizedPoint[]>([]);
  const [pointer, setPointer] = useState<NormalizedPoint>();
  /** The chosen polygon while one of its corners is dragged. */
  const [dragged, setDragged] = useState<NormalizedPoint[]>();
  const zone = zones.find((one) => one.zoneId === chosen);
  const polygon = dragged ?? zone?.polygon ?? [];

  useEffect(() => {
    setOutline([]);
    setPointer(undefined);
    if (drawing) area.current?.focus();
  }, [drawing]);

  const place = (event: { clientX: number; clientY: number }): NormalizedPoint => {
    const box = area.current!.getBoundingClientRect();
    return rounded({
      x: clamp01((event.clientX - box.left) / box.width),
      y: clamp01((event.clientY - box.top) / box.height),
    });
  };

  const finish = () => {
    if (props.onFinish(outline)) setOutline([]);
  };
  const addCorner = (event: PointerEvent<HTMLDivElement>) => {
    if (!drawing || event.button !== 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    const first = outline[0];
    const near =
      first &&
      Math.hypot(
        event.clientX - box.left - first.x * box.width,
        event.clientY - box.top - first.y * box.height,
      ) < CLOSE_PIXELS;
    if (near && outline.length >= MIN_CORNERS) {
      finish();
      return;
    }
    const next = [...outline, place(event)];
    if (next.length > MAX_CORNERS)
      props.onMessage(`A zone has at most ${MAX_CORNERS} corners; press Enter to finish.`);
    else if (crossing(next, false))
      props.onMessage(
        'The line would cross the outline. Click somewhere else, or press Backspace to take the last corner back.',
      );
    else {
      setOutline(next);
      props.onMessage('');
    }
  };
  const key = (event: KeyboardEvent) => {
    if (!drawing) return;
    if (event.key === 'Enter') finish();
    else if (event.key === 'Escape') props.onCancel();
    else if (event.key === 'Backspace') setOutline(outline.slice(0, -1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const fault = dragged ? polygonFault(dragged) : '';
  return (
    <div
      className={drawing ? 'zone-canvas drawing' : 'zone-canvas'}
      ref={area}
      style={{ aspectRatio: shape }}
      tabIndex={drawing ? 0 : -1}
      role="group"
      aria-label={drawing ? 'Drawing a zone' : 'Zones over the picture'}
      onPointerDown={addCorner}
      onPointerMove={(event) => drawing && setPointer(place(event))}
      onKeyDown={key}
    >
      {picture ? (
        <img
          src={picture}
          alt="Picture of the camera"
          draggable={false}
          onLoad={(event) =>
            setShape(event.currentTarget.naturalWidth / event.currentTarget.naturalHeight || 16 / 9)
          }
        />
      ) : (
        <span className="zone-blank" />
      )}
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {zones.map(
          (one) =>
            one.zoneId !== chosen && (
              <polygon
                key={one.zoneId}
                className={`zone-shape ${one.kind}`}
                points={points(one.polygon)}
                onPointerDown={() => !drawing && props.onChoose(one.zoneId)}
              />
            ),
        )}
        {zone && (
          <polygon
            className={`zone-shape chosen ${zone.kind} ${fault ? 'faulty' : ''}`}
            points={points(polygon)}
          />
        )}
        {drawing && outline.length > 0 && (
          <polyline
            className="zone-outline"
            points={points(pointer ? [...outline, pointer] : outline)}
          />
        )}
      </svg>
      {zones.map((one) => {
        const at = centre(one.zoneId === chosen ? polygon : one.polygon);
        return (
          <span
            key={one.zoneId}
            className={one.zoneId === chosen ? 'zone-label chosen' : 'zone-label'}
            style={{ left: `${at.x * 100}%`, top: `${at.y * 100}%` }}
          >
            {one.name || one.zoneId}
          </span>
        );
      })}
      {drawing &&
        outline.map((corner, i) => (
          <span
            key={i}
            className={i === 0 ? 'corner-dot first' : 'corner-dot'}
            style={{ left: `${corner.x * 100}%`, top: `${corner.y * 100}%` }}
          />
        ))}
      {zone && !drawing && !readOnly && (
        <Handles
          zone={zone}
          polygon={polygon}
          place={place}
          onPolygon={(next) => props.onPolygon(zone.zoneId, next)}
          onDrag={setDragged}
        />
      )}
    </div>
  );
}

function Handles({
  zone,
  polygon,
  place,
  onPolygon,
  onDrag,
}: {
  zone: Zone;
  polygon: readonly NormalizedPoint[];
  place: (event: { clientX: number; clientY: number }) => NormalizedPoint;
  onPolygon: (polygon: NormalizedPoint[]) => boolean;
  onDrag: (polygon: NormalizedPoint[] | undefined) => void;
}) {
  const active = useRef<{ corner: number; polygon: NormalizedPoint[] } | undefined>(undefined);
  const moved = (corner: number, to: NormalizedPoint) =>
    zone.polygon.map((one, i) => (i === corner ? rounded(to) : one));

  const press = (event: PointerEvent<HTMLButtonElement>, corner: number) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    active.current = { corner, polygon: zone.polygon };
  };
  const drag = (event: PointerEvent<HTMLButtonElement>) => {
    if (!active.current) return;
    active.current.polygon = moved(active.current.corner, place(event));
    onDrag(active.current.polygon);
  };
  const release = () => {
    const done = active.current;
    active.current = undefined;
    onDrag(undefined);
    if (done && done.polygon !== zone.polygon) onPolygon(done.polygon);
  };
  const key = (event: KeyboardEvent, corner: number) => {
    const { x, y } = zone.polygon[corner]!;
    const step = event.shiftKey ? KEY_LEAP : KEY_STEP;
    const to = {
      ArrowLeft: { x: x - step, y },
      ArrowRight: { x: x + step, y },
      ArrowUp: { x, y: y - step },
      ArrowDown: { x, y: y + step },
    }[event.key];
    if (to) onPolygon(moved(corner, to));
    else if (event.key === 'Delete' || event.key === 'Backspace')
      onPolygon(zone.polygon.filter((_, i) => i !== corner));
    else return;
    event.preventDefault();
  };
  const insert = (after: number) => {
    const a = zone.polygon[after]!;
    const b = zone.polygon[(after + 1) % zone.polygon.length]!;
    onPolygon([
      ...zone.polygon.slice(0, after + 1),
      { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
      ...zone.polygon.slice(after + 1),
    ]);
  };

  return (
    <>
      {polygon.length < MAX_CORNERS &&
        polygon.map((a, i) => {
          const b = polygon[(i + 1) % polygon.length]!;
          return (
            <button
              key={`m${i}`}
              type="button"
              className="corner-add"
              aria-label={`Add a corner between ${i + 1} and ${((i + 1) % polygon.length) + 1}`}
              style={{ left: `${(a.x + b.x) * 50}%`, top: `${(a.y + b.y) * 50}%` }}
              onClick={() => insert(i)}
            />
          );
        })}
      {polygon.map((corner, i) => (
        <button
          key={i}
          type="button"
          className="corner"
          aria-label={`Corner ${i + 1} of ${zone.name || zone.zoneId}, x ${corner.x.toFixed(2)}, y ${corner.y.toFixed(2)}`}
          style={{ left: `${corner.x * 100}%`, top: `${corner.y * 100}%` }}
          onPointerDown={(event) => press(event, i)}
          onPointerMove={drag}
          onPointerUp={release}
          onPointerCancel={release}
          onKeyDown={(event) => key(event, i)}
        />
      ))}
    </>
  );
}
