// The cameras that the session may see, for every page: their names, stores, zones, and how they are.
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import type { GetCameraResponse } from '../gen/api';
import { listCameras } from '../api/endpoints';
import { cameraName } from '../lib/health';
import { storeTimeZones } from './store_time_zones';
import { useResource, type Resource } from '../ui/resource';

interface Cameras {
  resource: Resource<GetCameraResponse[]>;
  list: GetCameraResponse[];
  byId: ReadonlyMap<string, GetCameraResponse>;
  stores: string[];
  /** Its name, or its id where it has none or is gone. */
  nameOf: (cameraId: string) => string;
  /** The zone in which times of the camera are shown: its own or, where it is gone or has none, that of another
   * camera of its store. Undefined where no zone is known: then it is this device's. */
  timeZoneOf: (cameraId: string, storeId?: string) => string | undefined;
}

const Context = createContext<Cameras | undefined>(undefined);
const REFRESH_MS = 5000;

export function CamerasProvider({ children }: { children: ReactNode }) {
  const resource = useResource('cameras', listCameras, REFRESH_MS);
  const value = useMemo(() => {
    const list = resource.data ?? [];
    const byId = new Map(list.map((entry) => [entry.camera?.cameraId ?? '', entry]));
    return {
      resource,
      list,
      byId,
      stores: [...new Set(list.map((entry) => entry.camera?.storeId ?? ''))].filter(Boolean).sort(),
      nameOf: (cameraId: string) => cameraName(byId.get(cameraId), cameraId),
      timeZoneOf: storeTimeZones(list),
    };
  }, [resource]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useCameras(): Cameras {
  const cameras = useContext(Context);
  if (!cameras) throw new Error('useCameras outside of CamerasProvider');
  return cameras;
}
