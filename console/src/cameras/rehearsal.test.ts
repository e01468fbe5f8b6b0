import { expect, test } from 'vitest';
import type { Incident } from '../gen/api';
import { exampleText } from './rehearsal';

const incident = {
  openedTime: '2026-03-01T12:00:00Z',
  updatedTime: '2026-03-01T12:00:30Z',
  closedTime: '2026-03-01T12:00:42Z',
  tracks: [{}, {}],
  zoneIds: ['shelf', 'gone'],
  peakRisk: 0.834,
} as Incident;
const scene = { zones: [{ zoneId: 'shelf', name: 'Cosmetics' }] as never, rules: [] };

test('an incident that would have been is told in one line', () => {
  expect(exampleText(incident, scene)).toBe('42 s, 2 people, in Cosmetics, gone, risk 0.83');
  expect(
    exampleText(
      { ...incident, closedTime: undefined, zoneIds: [], peakRisk: 0, tracks: [] },
      scene,
    ),
  ).toBe('30 s, 0 people');
});
