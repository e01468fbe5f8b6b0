import { expect, test } from 'vitest';
import { differences, emptyCamera, withTimeZone } from './draft';

const timeZones: Record<string, string> = { berlin: 'Europe/Berlin', boston: 'America/New_York' };
const inStore = (storeId: string, chosen?: string, known = timeZones) =>
  withTimeZone({ ...emptyCamera(), storeId }, chosen, (store) => known[store]).timeZone;

test('a new camera has the time zone of its store until another is chosen', () => {
  expect(inStore('berlin')).toBe('Europe/Berlin');
  expect(inStore('new')).toBe('');
  expect(inStore('berlin', 'America/Chicago')).toBe('America/Chicago');
  // "Not known", chosen.
  expect(inStore('berlin', '')).toBe('');
});

test('the time zone of the store comes also where its cameras are known after its name was typed', () => {
  const known: Record<string, string> = {};
  expect(inStore('boston', undefined, known)).toBe('');
  known.boston = 'America/New_York';
  expect(inStore('boston', undefined, known)).toBe('America/New_York');
});

test('another time zone is told as a difference', () => {
  expect(differences(emptyCamera(), { ...emptyCamera(), timeZone: 'UTC' })).toEqual(['time zone']);
});
