import { expect, test } from 'vitest';
import type { FrameVerdict, TrackRisk } from '../gen/api';
import { lookedAt } from './draw';

test('a zone counts as looked at while anybody in the frame looks at it', () => {
  const risk = (...zones: string[]) => ({ lookingAtZoneIds: zones }) as TrackRisk;
  expect([...lookedAt(undefined)]).toEqual([]);
  expect([
    ...lookedAt({ risks: [risk(), risk('a', 'b'), risk('b')] } as unknown as FrameVerdict),
  ]).toEqual(['a', 'b']);
});
