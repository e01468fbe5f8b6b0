// The wall of cameras, and one of them large.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { GetCameraResponse } from '../gen/api';
import { useCameras } from '../app/cameras';
import { useOpenIncidents } from '../app/open_incidents';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { cameraHealth } from '../lib/health';
import { address, Link, navigate, usePlace } from '../lib/router';
import { count } from '../lib/words';
import { MultiSelect, Popover, SelectOne } from '../ui/menu';
import { BackIcon, NextIcon } from '../ui/icons';
import { useMedia, useNow } from '../ui/resource';
import { Empty, Failed, Loading } from '../ui/states';
import type { DrawOptions } from './draw';
import { LargeView } from './large_view';
import { wallColumns } from './skeleton';
import { useLive } from './stream';
import { Tile } from './tile';

const SIZES = [1, 4, 9, 16, 25, 36];
const GAP = 6;
const WALL_FPS = 5;
const LARGE_FPS = 10;

interface Overlay {
  skeletons: boolean;
  boxes: boolean;
  labels: boolean;
}
const OVERLAY_KEY = 'aislewatch.overlay';

function storedOverlay(): Overlay {
  const all = { skeletons: true, boxes: true, labels: true };
  try {
    return {
      ...all,
      ...(JSON.parse(localStorage.getItem(OVERLAY_KEY) ?? '{}') as Partial<Overlay>),
    };
  } catch {
    return all;
  }
}

export function LivePage() {
  const { query } = usePlace();
  const { resource, list, stores, byId } = useCameras();
  const chosenStores = query.getAll('store');
  const size = SIZES.includes(Number(query.get('tiles'))) ? Number(query.get('tiles')) : 9;
  const largeId = query.get('camera') ?? '';
  const [overlay, setOverlay] = useState(storedOverlay);

  const change = (alter: (next: URLSearchParams) => void) => {
    const next = new URLSearchParams(query);
    alter(next);
    navigate(address('/live', next), { replace: true });
  };
  const toggle = (name: keyof Overlay) => {
    const next = { ...overlay, [name]: !overlay[name] };
    setOverlay(next);
    localStorage.setItem(OVERLAY_KEY, JSON.stringify(next));
  };

  const running = useMemo(
    () =>
      list.filter(
        (entry) =>
          entry.camera?.enabled &&
          (chosenStores.length === 0 || chosenStores.includes(entry.camera.storeId)),
      ),
    [list, chosenStores.join(' ')],
  );
  const pages = Math.max(1, Math.ceil(running.length / size));
  const page = Math.min(pages, Math.max(1, Number(query.get('page')) || 1));
  const shown = running.slice((page - 1) * size, page * size);
  const large = largeId ? byId.get(largeId) : undefined;

  const tools = (
    <>
      {stores.length > 1 && (
        <MultiSelect
          label="Store"
          all="All stores"
          chosen={chosenStores}
          choices={stores.map((store) => ({ value: store, label: store }))}
          onChange={(next) =>
            change((params) => {
              params.delete('store');
              params.delete('page');
              next.forEach((store) => params.append('store', store));
            })
          }
        />
      )}
      <SelectOne
        label="Tiles"
        neutral
        value={String(size)}
        choices={SIZES.map((n) => ({ value: String(n), label: String(n) }))}
        onChange={(next) =>
          change((params) => {
            params.set('tiles', next);
            params.delete('page');
          })
        }
      />
      <Popover
        className="select"
        label={
          <>
            <span className="select-label">Show</span>
            <span className="select-value">{overlayWords(overlay)}</span>
          </>
        }
        name="What is drawn over pictures"
      >
        {() => (
          <fieldset className="choices">
            <legend className="sr-only">What is drawn over pictures</legend>
            {(['skeletons', 'boxes', 'labels'] as const).map((name) => (
              <label key={name} className="choice">
                <input type="checkbox" checked={overlay[name]} onChange={() => toggle(name)} />
                <span>
                  {
                    { skeletons: 'Skeletons', boxes: 'Boxes', labels: 'Track numbers and risk' }[
                      name
                    ]
                  }
                </span>
              </label>
            ))}
          </fieldset>
        )}
      </Popover>
      {pages > 1 && !largeId && (
        <div className="pager" role="group" aria-label="Pages of the wall">
          <button
            type="button"
            className="icon-button"
            aria-label="Page before"
            disabled={page <= 1}
            onClick={() => change((params) => params.set('page', String(page - 1)))}
          >
            <BackIcon />
          </button>
          <span className="number">
            {page} / {pages}
          </span>
          <button
            type="button"
            className="icon-button"
            aria-label="Next page"
            disabled={page >= pages}
            onClick={() => change((params) => params.set('page', String(page + 1)))}
          >
            <NextIcon />
          </button>
        </div>
      )}
    </>
  );

  return (
    <>
      <Header title="Live" tools={tools}>
        <WallSummary cameras={running} />
      </Header>
      {resource.data === undefined ? (
        resource.error ? (
          <Failed error={resource.error} retry={resource.reload} />
        ) : (
          <Loading what="the cameras" />
        )
      ) : largeId ? (
        large ? (
          <LargeView
            key={largeId}
            entry={large}
            neighbours={running}
            overlay={overlay}
            fps={LARGE_FPS}
          />
        ) : (
          <Empty title="There is no such camera">
            <p>It was removed, or it is not among those that you may see.</p>
            <Link className="button" href="/live">
              Back to the wall
            </Link>
          </Empty>
        )
      ) : running.length === 0 ? (
        <Empty title={list.length ? 'No camera to show' : 'There are no cameras yet'}>
          <p>
            {list.length
              ? 'Every camera of this choice is disabled.'
              : 'An admin adds them on the Cameras page.'}
          </p>
          <Link className="button" href="/cameras">
            Go to Cameras
          </Link>
        </Empty>
      ) : (
        <Wall cameras={shown} overlay={overlay} />
      )}
    </>
  );
}

function overlayWords(overlay: Overlay): string {
  const on = [
    overlay.skeletons && 'skeletons',
    overlay.boxes && 'boxes',
    overlay.labels && 'labels',
  ].filter(Boolean);
  return on.length === 3
    ? 'Everything'
    : on.length === 0
      ? 'Pictures only'
      : on.join(', ').replace(/^./, (letter) => letter.toUpperCase());
}

function WallSummary({ cameras }: { cameras: GetCameraResponse[] }) {
  const now = useNow(2000);
  const tally = { online: 0, degraded: 0, offline: 0 };
  for (const entry of cameras) {
    const { state } = cameraHealth(entry, now);
    if (state === 'online' || state === 'degraded') tally[state]++;
    else tally.offline++;
  }
  return (
    <p className="tally">
      <span className="health online">{tally.online} online</span>
      {tally.degraded > 0 && <span className="health degraded">{tally.degraded} degraded</span>}
      {tally.offline > 0 && <span className="health offline">{tally.offline} not running</span>}
    </p>
  );
}

function Wall({ cameras, overlay }: { cameras: GetCameraResponse[]; overlay: Overlay }) {
  const { epoch } = useSession();
  const { query } = usePlace();
  const ids = cameras.map((entry) => entry.camera?.cameraId ?? '');
  const { hub, state } = useLive(ids, WALL_FPS, epoch);
  const openIncidents = useOpenIncidents();
  const now = useNow(1000);
  const area = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(1);
  const phone = useMedia('(max-width: 640px)');

  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const sizes = new ResizeObserver(() => {
      setColumns(wallColumns(cameras.length, element.clientWidth, element.clientHeight, GAP));
    });
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [cameras.length]);

  const options: DrawOptions = useMemo(() => ({ ...overlay, zones: [], large: false }), [overlay]);
  const shape = phone ? 1 : columns;
  return (
    <>
      {state.kind === 'broken' && (
        <div className="notice warning" role="status">
          Live pictures are interrupted; trying again. {state.error}
        </div>
      )}
      <div className="wall-area" ref={area}>
        <ul
          className="wall"
          aria-label={count(cameras.length, 'camera')}
          style={{
            gridTemplateColumns: `repeat(${shape}, minmax(0, 1fr))`,
            gridTemplateRows: phone
              ? undefined
              : `repeat(${Math.ceil(cameras.length / shape)}, minmax(0, 1fr))`,
          }}
        >
          {cameras.map((entry) => {
            const cameraId = entry.camera?.cameraId ?? '';
            const next = new URLSearchParams(query);
            next.set('camera', cameraId);
            return (
              <Tile
                key={cameraId}
                hub={hub}
                entry={entry}
                now={now}
                options={options}
                href={address('/live', next)}
                incidents={openIncidents.filter((incident) => incident.cameraId === cameraId)}
              />
            );
          })}
        </ul>
      </div>
    </>
  );
}
