import { expect, test } from 'vitest';
import { differences, emptyCamera, withStoreTimeZone } from './draft';

const timeZoneOf = (store: string) =>
  ({ berlin: 'Europe/Berlin', boston: 'America/New_York' })[store];

test('a new camera takes the time zone of its store until another is chosen', () => {
  let camera = withStoreTimeZone(emptyCamera(), { storeId: 'berlin' }, timeZoneOf);
  expect(camera).toMatchObject({ storeId: 'berlin', timeZone: 'Europe/Berlin' });
  camera = withStoreTimeZone(camera, { name: 'Door' }, timeZoneOf);
  camera = withStoreTimeZone(camera, { storeId: 'boston' }, timeZoneOf);
  expect(camera).toMatchObject({ name: 'Door', timeZone: 'America/New_York' });
  expect(withStoreTimeZone(camera, { storeId: 'new' }, timeZoneOf).timeZone).toBe('');
  camera = withStoreTimeZone(camera, { timeZone: 'America/Chicago' }, timeZoneOf);
  expect(withStoreTimeZone(camera, { storeId: 'berlin' }, timeZoneOf).timeZone).toBe(
    'America/Chicago',
  );
});

test('another time zone is told as a difference', () => {
  expect(differences(emptyCamera(), { ...emptyCamera(), timeZone: 'UTC' })).toEqual(['time zone']);
});
