// The registry of cameras: the list, and what is open from it.
import { useState } from 'react';
import type { GetCameraResponse } from '../gen/api';
import { useCameras } from '../app/cameras';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { cameraHealth, cameraName } from '../lib/health';
import { address, Link, navigate, usePlace } from '../lib/router';
import { ago, instant } from '../lib/time';
import { count, may } from '../lib/words';
import { PlusIcon } from '../ui/icons';
import { MultiSelect } from '../ui/menu';
import { HealthMark } from '../ui/parts';
import { useNow } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { AddCamera } from './add_camera';
import { CameraEditor } from './camera_editor';

/** Not a valid camera id, so it hides none. */
export const ADD = '+add';

export function CamerasPage({ cameraId, tab }: { cameraId: string; tab: string }) {
  if (cameraId === ADD) return <AddCamera />;
  if (cameraId) return <CameraEditor key={cameraId} cameraId={cameraId} tab={tab} />;
  return <CameraList />;
}

function CameraList() {
  const { resource, list, stores } = useCameras();
  const { principal } = useSession();
  const { query } = usePlace();
  const [search, setSearch] = useState('');
  const now = useNow(5000);
  const admin = may(principal, 'ROLE_ADMIN');
  const chosen = query.getAll('store');
  const wanted = search.trim().toLowerCase();
  const shown = list.filter(
    ({ camera }) =>
      camera &&
      (chosen.length === 0 || chosen.includes(camera.storeId)) &&
      `${camera.cameraId} ${camera.name} ${camera.storeId}`.toLowerCase().includes(wanted),
  );
  const setStores = (next: string[]) => {
    const params = new URLSearchParams();
    next.forEach((store) => params.append('store', store));
    navigate(address('/cameras', params), { replace: true });
  };

  return (
    <>
      <Header
        title="Cameras"
        tools={
          <>
            <input
              type="search"
              className="input small search"
              placeholder="Search"
              aria-label="Search cameras"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            {stores.length > 1 && (
              <MultiSelect
                label="Store"
                all="All"
                chosen={chosen}
                onChange={setStores}
                choices={stores.map((store) => ({ value: store, label: store }))}
              />
            )}
            {admin && (
              <Link className="button small" href={`/cameras/${ADD}`}>
                <PlusIcon size={14} /> Add camera
              </Link>
            )}
          </>
        }
      />
      <div className="page-scroll flush">
        {!resource.data ? (
          resource.error ? (
            <Failed error={resource.error} retry={resource.reload} />
          ) : (
            <Loading what="the cameras" />
          )
        ) : list.length === 0 ? (
          <Empty title="There are no cameras yet">
            {admin ? (
              <Link className="button primary" href={`/cameras/${ADD}`}>
                Add the first camera
              </Link>
            ) : (
              <p>An admin can add them here.</p>
            )}
          </Empty>
        ) : (
          <>
            <Outdated error={resource.error} />
            {shown.length === 0 ? (
              <Empty title="No camera fits" />
            ) : (
              <CameraTable cameras={shown} now={now} />
            )}
          </>
        )}
      </div>
    </>
  );
}

function CameraTable({ cameras, now }: { cameras: GetCameraResponse[]; now: number }) {
  return (
    <table className="table camera-table">
      <thead>
        <tr>
          <th scope="col">Camera</th>
          <th scope="col">Status</th>
          <th scope="col" className="wide-only">
            Store
          </th>
          <th scope="col" className="wide-only right">
            Zones
          </th>
          <th scope="col" className="wide-only">
            Rules
          </th>
          <th scope="col" className="wide-only">
            Heads
          </th>
          <th scope="col" className="wide-only right">
            Frames lost
          </th>
        </tr>
      </thead>
      <tbody>
        {cameras.map((entry) => {
          const camera = entry.camera!;
          const health = cameraHealth(entry, now);
          return (
            <tr key={camera.cameraId}>
              <th scope="row">
                <Link className="row-name" href={`/cameras/${encodeURIComponent(camera.cameraId)}`}>
                  {cameraName(entry, camera.cameraId)}
                </Link>
                <span className="muted small-text block-text">
                  {camera.cameraId}
                  <span className="narrow-only"> · {camera.storeId}</span>
                </span>
              </th>
              <td>
                <HealthMark health={health} />
                {health.reason && (
                  <span className="muted small-text block-text reason">{health.reason}</span>
                )}
                {entry.status?.reportTime && health.label === 'Silent' && (
                  <span className="muted small-text">
                    {ago(instant(entry.status.reportTime), now)}
                  </span>
                )}
              </td>
              <td className="wide-only">{camera.storeId}</td>
              <td className="wide-only right number">
                {camera.zones.length || <span className="muted">none</span>}
              </td>
              <td className="wide-only">
                {camera.rules.length ? (
                  count(camera.rules.length, 'own rule')
                ) : (
                  <span className="muted">shared rules</span>
                )}
              </td>
              <td className="wide-only">
                {camera.showHeads ? (
                  <span className="warning-text">shown</span>
                ) : (
                  <span className="muted">blurred</span>
                )}
              </td>
              <td className="wide-only right number">{lost(entry)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Share of sampled frames that got no verdict. */
function lost({ status }: GetCameraResponse): string {
  const pipeline = status?.pipeline;
  if (!pipeline) return '–';
  const dropped = pipeline.framesDropped.reduce((sum, one) => sum + Number(one.frames), 0);
  const all = dropped + Number(pipeline.framesAnalysed);
  return all === 0 ? '–' : `${((100 * dropped) / all).toFixed(2)} %`;
}
