import { expect, test } from 'vitest';
import type { Camera, GetCameraResponse, PipelineStatus } from '../gen/api';
import { cameraHealth } from './health';

const now = Date.parse('2026-03-01T12:00:00Z');
const entry = (
  pipeline: Partial<PipelineStatus> | undefined,
  reported = now,
  enabled = true,
): GetCameraResponse => ({
  camera: { cameraId: 'a', enabled } as Camera,
  status: {
    holder: pipeline ? 'ingest-0' : '',
    reportTime: new Date(reported).toISOString(),
    pipeline: pipeline && ({ sourceError: '', degraded: [], ...pipeline } as PipelineStatus),
  },
});

test('a camera is online only while its pipeline says so and is heard of', () => {
  expect(cameraHealth(entry({ sourceState: 'SOURCE_STATE_ONLINE' }), now).state).toBe('online');
  expect(
    cameraHealth(entry({ sourceState: 'SOURCE_STATE_ONLINE' }, now - 31_000), now),
  ).toMatchObject({
    state: 'offline',
    label: 'Silent',
    reason: 'Its ingest replica has not reported for 31 s.',
  });
  expect(cameraHealth(entry(undefined), now).label).toBe('Not running');
  expect(cameraHealth(entry({ sourceState: 'SOURCE_STATE_ONLINE' }, now, false), now).state).toBe(
    'disabled',
  );
});

test('why a camera is not well is said in words', () => {
  expect(
    cameraHealth(entry({ sourceState: 'SOURCE_STATE_OFFLINE', sourceError: 'No route.' }), now),
  ).toMatchObject({ state: 'offline', reason: 'No route.' });
  expect(
    cameraHealth(
      entry({ sourceState: 'SOURCE_STATE_ONLINE', degraded: ['pose', 'classifier'] }),
      now,
    ),
  ).toMatchObject({
    state: 'degraded',
    reason: 'Without pose extraction and the shoplifting classifier.',
  });
});
