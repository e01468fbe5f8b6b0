import { describe, expect, test } from 'vitest';
import { contain, limbs, project, riskColour, wallColumns } from './skeleton';

describe('a skeleton on a canvas', () => {
  test('lies on the picture, which is fitted whole into the canvas', () => {
    const at = contain(400, 400, 1920, 1080);
    expect(at).toEqual({ x: 0, y: 87.5, width: 400, height: 225 });
    expect(project({ x: 0, y: 0 }, at)).toEqual({ x: 0, y: 87.5 });
    expect(project({ x: 1, y: 1 }, at)).toEqual({ x: 400, y: 312.5 });
    expect(contain(1600, 450, 16, 9)).toEqual({ x: 400, y: 0, width: 800, height: 450 });
  });

  test('has a limb only where both joints are seen', () => {
    const joints = Array.from({ length: 17 }, (_, i) => ({ x: i / 17, y: 0.5, confidence: 0.9 }));
    const at = contain(170, 170, 1, 1);
    expect(limbs(joints, at)).toHaveLength(16);
    joints[9]!.confidence = 0.1;
    expect(limbs(joints, at)).toHaveLength(15);
    joints[5]!.confidence = 0;
    expect(limbs(joints, at)).toHaveLength(12);
    expect(limbs([], at)).toEqual([]);
  });
});

test('colours of risk go from calm to alarming, and are grey where nothing is known', () => {
  const red = (risk: number) => Number(/rgb\((\d+)/.exec(riskColour(risk))![1]);
  expect([0, 0.3, 0.5, 0.7, 0.95].map(red)).toEqual(
    [...[0, 0.3, 0.5, 0.7, 0.95].map(red)].sort((a, b) => a - b),
  );
  expect(riskColour(1)).toBe(riskColour(0.95));
  expect(riskColour(undefined)).toBe(riskColour(Number.NaN));
});

test('a wall takes the columns that make its pictures largest', () => {
  expect(wallColumns(9, 1200, 740, 6)).toBe(3);
  expect(wallColumns(4, 1200, 740, 6)).toBe(2);
  expect(wallColumns(2, 400, 800, 6)).toBe(1);
  expect(wallColumns(1, 1200, 740, 6)).toBe(1);
});
