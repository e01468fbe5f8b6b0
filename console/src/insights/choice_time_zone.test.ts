process.env.TZ = 'Europe/Berlin';
import { describe, expect, test } from 'vitest';
import type { Camera } from '../gen/api';
import { emptyCamera } from '../cameras/draft';
import { isoIn } from '../lib/time_zone';
import { choiceTimeZone } from './choice_time_zone';
import { withLocalStarts } from './csv';

const shelf = { zoneId: 'shelf', name: '', kind: 'ZONE_KIND_SHELF', polygon: [] } as const;
const camera = (
  cameraId: string,
  storeId: string,
  timeZone: string,
  part: Partial<Camera> = {},
) => ({
  camera: {
    ...emptyCamera(),
    cameraId,
    storeId,
    timeZone,
    zones: [{ ...shelf, polygon: [] }],
    ...part,
  },
});
const all = { stores: [], cameras: [], kinds: [] };

describe('the time zone of insights', () => {
  test('is that of the first camera with one at which attention is counted', () => {
    const list = [
      camera('a', 'x', 'Asia/Tokyo', { zones: [] }),
      camera('b', 'x', ''),
      camera('c', 'x', 'America/New_York'),
      camera('d', 'y', 'Europe/Berlin'),
    ];
    expect(choiceTimeZone(list, { ...all, stores: ['x'] })).toMatchObject({
      name: 'America/New_York',
      camera: { cameraId: 'c' },
      mixed: false,
    });
    expect(choiceTimeZone(list, all)).toMatchObject({ name: 'America/New_York', mixed: true });
    expect(choiceTimeZone(list, { ...all, cameras: ['d'] }).name).toBe('Europe/Berlin');
  });

  test('is that of the device where no camera has one', () => {
    expect(choiceTimeZone([camera('a', 'x', ''), camera('b', 'x', 'Sea/Atlantis')], all)).toEqual({
      name: 'Europe/Berlin',
      camera: undefined,
      mixed: false,
    });
  });

  test('is not mixed by two names of the same clock', () => {
    const list = [camera('a', 'x', 'Europe/Berlin'), camera('b', 'x', 'Europe/Vienna')];
    expect(choiceTimeZone(list, all).mixed).toBe(false);
  });
});

test('the table that is downloaded has the times of the store', () => {
  const csv = [
    'store,camera,zone,zone_kind,start_time,passers_by',
    'boston,door,window,storefront,2026-11-26T05:00:00Z,12',
    '',
  ].join('\r\n');
  expect(withLocalStarts(csv, (at) => isoIn(at, 'America/New_York'))).toBe(
    [
      'store,camera,zone,zone_kind,start_time,passers_by',
      'boston,door,window,storefront,2026-11-26T00:00:00-05:00,12',
      '',
    ].join('\r\n'),
  );
});
