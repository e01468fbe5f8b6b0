import { expect, test } from 'vitest';
import { emptyCamera } from '../cameras/draft';
import { storeTimeZones } from './store_time_zones';

const cameras = [
  { cameraId: 'a', storeId: 'berlin', timeZone: 'Europe/Berlin' },
  { cameraId: 'b', storeId: 'berlin', timeZone: '' },
  { cameraId: 'c', storeId: 'boston', timeZone: 'America/New_York' },
  { cameraId: 'd', storeId: 'boston', timeZone: 'America/Chicago' },
  { cameraId: 'e', storeId: 'atlantis', timeZone: 'Sea/Atlantis' },
].map((part) => ({ camera: { ...emptyCamera(), ...part } }));

test('a camera has its own time zone, else that of its store, also once it is gone', () => {
  const timeZoneOf = storeTimeZones(cameras);
  expect(timeZoneOf('a')).toBe('Europe/Berlin');
  expect(timeZoneOf('b')).toBe('Europe/Berlin');
  expect(timeZoneOf('d')).toBe('America/Chicago');
  expect(timeZoneOf('removed', 'boston')).toBe('America/New_York');
  expect([timeZoneOf('e'), timeZoneOf('removed'), timeZoneOf('removed', 'paris')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
