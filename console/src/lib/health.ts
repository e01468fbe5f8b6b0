// What a camera's registry entry says of how it is, as one state and one sentence.
import type { GetCameraResponse } from '../gen/api';
import { degradedSentence } from './words';
import { instant, span } from './time';

export type HealthState = 'online' | 'degraded' | 'starting' | 'offline' | 'ended' | 'disabled';

export interface Health {
  state: HealthState;
  label: string;
  /** Why; empty where there is nothing to say. */
  reason: string;
}

/** Ingest reports every two seconds; older than this and nobody knows how the camera is. */
const STALE_SECONDS = 30;

export function cameraHealth(entry: GetCameraResponse, now: number): Health {
  const { camera, status } = entry;
  if (!camera?.enabled)
    return { state: 'disabled', label: 'Disabled', reason: 'It is switched off in its settings.' };
  if (!status?.holder || !status.pipeline) {
    return {
      state: 'offline',
      label: 'Not running',
      reason: 'No ingest replica runs it at present.',
    };
  }
  const reported = instant(status.reportTime);
  const age = reported === undefined ? 0 : (now - reported) / 1000;
  if (age > STALE_SECONDS) {
    return {
      state: 'offline',
      label: 'Silent',
      reason: `Its ingest replica has not reported for ${span(age)}.`,
    };
  }
  const { sourceState, sourceError, degraded } = status.pipeline;
  switch (sourceState) {
    case 'SOURCE_STATE_ONLINE':
      if (degraded.length)
        return { state: 'degraded', label: 'Degraded', reason: `${degradedSentence(degraded)}.` };
      return { state: 'online', label: 'Online', reason: '' };
    case 'SOURCE_STATE_CONNECTING':
      return { state: 'starting', label: 'Connecting', reason: sourceError };
    case 'SOURCE_STATE_ENDED':
      return { state: 'ended', label: 'Ended', reason: 'The file was read to its end.' };
    default:
      return {
        state: 'offline',
        label: 'Offline',
        reason: sourceError || 'The source gives no pictures.',
      };
  }
}

export function cameraName(entry: GetCameraResponse | undefined, cameraId: string): string {
  return entry?.camera?.name || cameraId;
}
