import { describe, expect, test } from 'vitest';
import type { NormalizedPoint } from '../gen/api';
import { crossing, polygonFault } from './polygon';

const shape = (...corners: [number, number][]): NormalizedPoint[] =>
  corners.map(([x, y]) => ({ x, y }));
const square = shape([0, 0], [1, 0], [1, 1], [0, 1]);

describe('a zone', () => {
  test('may be any simple polygon, also one that is not convex', () => {
    for (const one of [
      shape([0, 0], [1, 0], [0, 1]),
      square,
      shape([0, 0], [1, 0], [1, 1], [0.5, 0.2], [0, 1]),
    ])
      expect(polygonFault(one)).toBe('');
  });

  test('may have three corners in a row on one line', () => {
    expect(polygonFault(shape([0, 0], [0.5, 0], [1, 0], [1, 1]))).toBe('');
  });

  test('is refused where its outline crosses itself, with the edges named', () => {
    expect(polygonFault(shape([0, 0], [1, 1], [1, 0], [0, 1]))).toBe(
      'The outline crosses itself: edge 1–2 meets edge 3–4. Move or delete a corner.',
    );
  });

  test('is refused where a corner touches another edge', () => {
    expect(crossing(shape([0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]))).toBeDefined();
  });

  test('is refused where an edge folds back over the one before', () => {
    expect(crossing(shape([0, 0], [1, 0], [0.5, 0], [0.5, 1]))).toEqual([0, 1]);
    expect(crossing(shape([0.5, 0], [0, 1], [0, 0], [1, 0]))).toBeDefined();
  });

  test('is refused with too few or too many corners, outside of the picture, or with a corner twice', () => {
    expect(polygonFault(shape([0, 0], [1, 0]))).toContain('add 1 more');
    expect(
      polygonFault(
        Array.from({ length: 65 }, (_, i) => ({
          x: 0.5 + 0.4 * Math.cos(i / 10.4),
          y: 0.5 + 0.4 * Math.sin(i / 10.4),
        })),
      ),
    ).toContain('delete 1');
    expect(polygonFault(shape([0, 0], [1.2, 0], [0, 1]))).toContain('Corner 2 lies outside');
    expect(polygonFault(shape([0, 0], [Number.NaN, 0], [0, 1]))).toContain('Corner 2 lies outside');
    expect(polygonFault(shape([0, 0], [1, 0], [1, 0], [0, 1]))).toContain(
      'Corners 2 and 3 are the same point',
    );
  });

  test('that is still open may end where it likes, but not cross what is drawn', () => {
    expect(crossing(shape([0, 0], [1, 0], [1, 1]), false)).toBeUndefined();
    expect(crossing(shape([0, 0], [1, 0], [1, 1], [0.5, -1]), false)).toEqual([0, 2]);
  });
});
