// Zones as polygons: what event storage will accept, checked while drawing.
import type { NormalizedPoint } from '../gen/api';

export const MIN_CORNERS = 3;
export const MAX_CORNERS = 64;

/** Twice the signed area of the triangle a, b, c. */
function turn(a: NormalizedPoint, b: NormalizedPoint, c: NormalizedPoint): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

const same = (a: NormalizedPoint, b: NormalizedPoint) => a.x === b.x && a.y === b.y;

/** Whether c, known to lie on the line through a and b, lies between them. */
function between(a: NormalizedPoint, b: NormalizedPoint, c: NormalizedPoint): boolean {
  return (
    Math.min(a.x, b.x) <= c.x &&
    c.x <= Math.max(a.x, b.x) &&
    Math.min(a.y, b.y) <= c.y &&
    c.y <= Math.max(a.y, b.y)
  );
}

/** Whether the segments ab and cd have a point in common. */
export function segmentsMeet(
  a: NormalizedPoint,
  b: NormalizedPoint,
  c: NormalizedPoint,
  d: NormalizedPoint,
): boolean {
  const [d1, d2, d3, d4] = [turn(c, d, a), turn(c, d, b), turn(a, b, c), turn(a, b, d)];
  if (((d1 > 0 && d2 < 0) || (d1 < 0 && d2 > 0)) && ((d3 > 0 && d4 < 0) || (d3 < 0 && d4 > 0)))
    return true;
  return (
    (d1 === 0 && between(c, d, a)) ||
    (d2 === 0 && between(c, d, b)) ||
    (d3 === 0 && between(a, b, c)) ||
    (d4 === 0 && between(a, b, d))
  );
}

/** Edges that cross or touch, as indices of their first corners; undefined where none do. */
export function crossing(
  points: readonly NormalizedPoint[],
  closed = true,
): [number, number] | undefined {
  const edges = closed ? points.length : points.length - 1;
  for (let i = 0; i < edges; i++) {
    const a = points[i]!;
    const b = points[(i + 1) % points.length]!;
    for (let j = i + 1; j < edges; j++) {
      const c = points[j]!;
      const d = points[(j + 1) % points.length]!;
      const next = j === i + 1;
      const last = closed && i === 0 && j === edges - 1;
      if (next || last) {
        // Neighbours share a corner; they may not fold back over each other.
        const [outer, shared, other] = next ? [a, b, d] : [b, a, c];
        if (
          turn(outer, shared, other) === 0 &&
          (between(outer, shared, other) || between(shared, other, outer))
        )
          return [i, j];
      } else if (segmentsMeet(a, b, c, d)) {
        return [i, j];
      }
    }
  }
  return undefined;
}

/** What is wrong with a finished polygon, with the remedy; empty where nothing is. */
export function polygonFault(points: readonly NormalizedPoint[]): string {
  if (points.length < MIN_CORNERS)
    return `A zone needs at least ${MIN_CORNERS} corners; add ${MIN_CORNERS - points.length} more.`;
  if (points.length > MAX_CORNERS)
    return `A zone has at most ${MAX_CORNERS} corners; delete ${points.length - MAX_CORNERS}.`;
  for (let i = 0; i < points.length; i++) {
    const { x, y } = points[i]!;
    if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1))
      return `Corner ${i + 1} lies outside of the picture; use 0 to 1.`;
    if (same(points[i]!, points[(i + 1) % points.length]!)) {
      return `Corners ${i + 1} and ${((i + 1) % points.length) + 1} are the same point; delete one.`;
    }
  }
  const edges = crossing(points);
  if (edges) {
    const name = (edge: number) => `${edge + 1}–${((edge + 1) % points.length) + 1}`;
    return `The outline crosses itself: edge ${name(edges[0])} meets edge ${name(edges[1])}. Move or delete a corner.`;
  }
  return '';
}

export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Four decimals: finer than any picture's pixels. */
export function rounded(point: NormalizedPoint): NormalizedPoint {
  const round = (value: number) => Math.round(clamp01(value) * 10_000) / 10_000;
  return { x: round(point.x), y: round(point.y) };
}

/** Mean of the corners; where a label goes. */
export function centre(points: readonly NormalizedPoint[]): NormalizedPoint {
  const sum = points.reduce((total, { x, y }) => ({ x: total.x + x, y: total.y + y }), {
    x: 0,
    y: 0,
  });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
