import { expect, test } from 'vitest';
import { parseCurve, partNames, pointAt, runs } from './curve';

const part = (contribution: number) => ({ value: 0.5, contribution });
const raw = {
  schema: 1,
  incidentId: 'i',
  clipStart: '2026-03-01T12:00:00Z',
  tracks: [
    {
      trackId: '7',
      points: [
        { time: '2026-03-01T12:00:02Z', risk: 0.4, parts: { bias: part(-1.5), zone: part(0.2) } },
        {
          time: '2026-03-01T12:00:01.500Z',
          risk: 0.3,
          parts: { bias: part(-1.5), clip_shoplifting: part(-2), dwell: part(0), pose_anomaly: 3 },
        },
        { time: '2026-03-01T12:00:09Z', risk: 0.9, parts: {} },
        { time: 'never', risk: 0.9 },
        { risk: 'high' },
      ],
    },
    { trackId: 8, points: [] },
  ],
};

test('a curve is read in the order of time, without what is broken', () => {
  const curve = parseCurve(raw);
  expect(curve.tracks.map((track) => track.trackId)).toEqual(['7']);
  expect(curve.tracks[0]!.points.map((point) => [point.at, point.risk])).toEqual([
    [1.5, 0.3],
    [2, 0.4],
    [9, 0.9],
  ]);
  expect(curve.end).toBe(9);
});

test('a curve of another format is refused in words', () => {
  expect(() => parseCurve({ ...raw, schema: 2 })).toThrow('update the console');
  expect(() => parseCurve({ schema: 1, tracks: [] })).toThrow('incomplete');
  expect(() => parseCurve('x')).toThrow();
});

test('nothing is told of moments at which a track was not seen', () => {
  const { points } = parseCurve(raw).tracks[0]!;
  expect([1, 1.6, 3, 5, 9.2].map((at) => pointAt(points, at)?.risk)).toEqual([
    undefined,
    0.3,
    0.4,
    undefined,
    0.9,
  ]);
  expect(runs(points).map((run) => run.length)).toEqual([2, 1]);
});

test('parts come by their strength, without the bias and what never differs', () => {
  expect(partNames(parseCurve(raw).tracks[0]!.points)).toEqual(['clip_shoplifting', 'zone']);
});
