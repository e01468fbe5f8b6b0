// Where the picture, its people and their limbs lie on a canvas. Pure geometry; drawing is in draw.ts.
import type { Keypoint } from '../gen/api';

/** Joints in COCO order that a limb connects: face, arms, trunk, legs. */
export const LIMBS: readonly (readonly [number, number])[] = [
  [0, 1],
  [0, 2],
  [1, 3],
  [2, 4],
  [5, 6],
  [5, 7],
  [7, 9],
  [6, 8],
  [8, 10],
  [5, 11],
  [6, 12],
  [11, 12],
  [11, 13],
  [13, 15],
  [12, 14],
  [14, 16],
];

/** Joints that the pose model itself counts as unseen are below this. */
export const MIN_CONFIDENCE = 0.127;

/** A picture's place on a canvas, in canvas pixels. */
export interface Placement {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Fits a picture whole into a canvas, in the middle. */
export function contain(
  canvasWidth: number,
  canvasHeight: number,
  pictureWidth: number,
  pictureHeight: number,
): Placement {
  const scale = Math.min(canvasWidth / pictureWidth, canvasHeight / pictureHeight);
  const width = pictureWidth * scale;
  const height = pictureHeight * scale;
  return { x: (canvasWidth - width) / 2, y: (canvasHeight - height) / 2, width, height };
}

export interface Segment {
  from: { x: number; y: number };
  to: { x: number; y: number };
}

/** Limbs of which both joints are seen, in canvas pixels. */
export function limbs(keypoints: readonly Keypoint[], at: Placement): Segment[] {
  const segments: Segment[] = [];
  for (const [a, b] of LIMBS) {
    const from = keypoints[a];
    const to = keypoints[b];
    if (!from || !to || from.confidence < MIN_CONFIDENCE || to.confidence < MIN_CONFIDENCE)
      continue;
    segments.push({ from: project(from, at), to: project(to, at) });
  }
  return segments;
}

/** A normalised point in canvas pixels. */
export function project(point: { x: number; y: number }, at: Placement): { x: number; y: number } {
  return { x: at.x + point.x * at.width, y: at.y + point.y * at.height };
}

/** Colours of a risk, from calm to alarming; the same ramp wherever risk is shown. */
const RAMP: readonly [number, [number, number, number]][] = [
  [0, [94, 196, 176]],
  [0.4, [150, 200, 120]],
  [0.6, [232, 196, 84]],
  [0.8, [245, 150, 64]],
  [0.95, [255, 84, 72]],
];

/** CSS colour of a risk; grey where it is unknown. */
export function riskColour(risk: number | undefined): string {
  if (risk === undefined || Number.isNaN(risk)) return 'rgb(168, 180, 190)';
  let below = RAMP[0]!;
  for (const stop of RAMP) {
    if (risk <= stop[0]) {
      const width = stop[0] - below[0];
      const share = width > 0 ? (Math.max(risk, below[0]) - below[0]) / width : 0;
      const mix = below[1].map((from, i) => Math.round(from + (stop[1][i]! - from) * share));
      return `rgb(${mix.join(', ')})`;
    }
    below = stop;
  }
  return `rgb(${below[1].join(', ')})`;
}

/** Columns and tile width with which `tiles` pictures of 16:9 fill an area best. */
export function wallColumns(tiles: number, width: number, height: number, gap: number): number {
  let best = 1;
  let bestWidth = 0;
  for (let columns = 1; columns <= Math.max(1, tiles); columns++) {
    const rows = Math.ceil(tiles / columns);
    const byWidth = (width - gap * (columns - 1)) / columns;
    const byHeight = ((height - gap * (rows - 1)) / rows) * (16 / 9);
    const tile = Math.min(byWidth, byHeight);
    if (tile > bestWidth) {
      best = columns;
      bestWidth = tile;
    }
  }
  return best;
}
