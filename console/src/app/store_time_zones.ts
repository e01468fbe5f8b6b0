// In which zone times of a camera are shown.
import type { GetCameraResponse } from '../gen/api';
import { usableTimeZone } from '../lib/time_zone';

/** What CamerasProvider's timeZoneOf does, for these cameras. */
export function storeTimeZones(
  list: readonly GetCameraResponse[],
): (cameraId: string, storeId?: string) => string | undefined {
  const byCamera = new Map<string, string>();
  const byStore = new Map<string, string>();
  const storeOf = new Map<string, string>();
  for (const { camera } of list) {
    if (!camera) continue;
    storeOf.set(camera.cameraId, camera.storeId);
    const zone = usableTimeZone(camera.timeZone);
    if (!zone) continue;
    byCamera.set(camera.cameraId, zone);
    if (!byStore.has(camera.storeId)) byStore.set(camera.storeId, zone);
  }
  return (cameraId, storeId) =>
    byCamera.get(cameraId) ?? byStore.get(storeId ?? storeOf.get(cameraId) ?? '');
}
