// Draws shaded people, well enough that MoveNet finds them. Pure arithmetic: the same picture
// everywhere, and nobody's likeness in it.

/** A canvas of height x width RGB floats, 0..255. */
export function background(height, width) {
  const pixels = new Float32Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const floor = y > height * 0.78;
      const shade = floor ? 120 + 40 * (y / height) : 205 - 60 * (y / height);
      // Shelves: darker bands across the wall.
      const band = !floor && y % 34 < 4 ? 0.72 : 1;
      const at = (y * width + x) * 3;
      pixels[at] = shade * band;
      pixels[at + 1] = shade * band * 0.98;
      pixels[at + 2] = shade * band * (floor ? 0.86 : 0.94);
    }
  }
  return { height, width, pixels };
}

/** A limb from a to b, wider at a, shaded as a round body that is lit from the upper left. */
function limb(canvas, a, b, radiusA, radiusB, colour) {
  const { height, width, pixels } = canvas;
  const reach = Math.max(radiusA, radiusB) + 1;
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length2 = dx * dx + dy * dy || 1;
  for (let y = Math.floor(Math.min(a[1], b[1]) - reach); y <= Math.max(a[1], b[1]) + reach; y++) {
    for (let x = Math.floor(Math.min(a[0], b[0]) - reach); x <= Math.max(a[0], b[0]) + reach; x++) {
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const along = Math.min(1, Math.max(0, ((x - a[0]) * dx + (y - a[1]) * dy) / length2));
      const [u, v] = [x - a[0] - along * dx, y - a[1] - along * dy];
      const radius = radiusA + along * (radiusB - radiusA);
      const distance = Math.hypot(u, v);
      const cover = Math.min(1, Math.max(0, radius + 0.5 - distance));
      if (cover === 0) continue;
      const light = 0.62 + 0.3 * Math.sqrt(Math.max(0, 1 - (distance / radius) ** 2)) -
          0.16 * (u + v) / (radius + 1);
      const at = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) {
        pixels[at + c] += cover * (Math.min(255, colour[c] * light) - pixels[at + c]);
      }
    }
  }
}

/** A standing person; (x, y) is between the feet and `size` their height in pixels. */
export function person(canvas, x, y, size, clothes, armLift) {
  const at = (px, py) => [x + px * size, y - (1 - py) * size];
  const skin = [224, 172, 138];
  const hair = [58, 40, 30];
  const shoe = [40, 38, 42];
  for (const side of [-1, 1]) {
    limb(canvas, at(side * 0.055, 0.52), at(side * 0.065, 0.74), 0.052 * size, 0.038 * size,
         clothes.legs);
    limb(canvas, at(side * 0.065, 0.74), at(side * 0.065, 0.95), 0.038 * size, 0.026 * size,
         clothes.legs);
    limb(canvas, at(side * 0.065, 0.965), at(side * 0.085, 0.98), 0.02 * size, 0.018 * size, shoe);
  }
  limb(canvas, at(0, 0.25), at(0, 0.5), 0.095 * size, 0.08 * size, clothes.shirt);
  limb(canvas, at(-0.07, 0.215), at(0.07, 0.215), 0.045 * size, 0.045 * size, clothes.shirt);
  for (const side of [-1, 1]) {
    const lift = side < 0 ? armLift : 0;
    const elbow = at(side * (0.15 + 0.03 * lift), 0.355 - 0.1 * lift);
    const wrist = at(side * (0.165 + 0.1 * lift), 0.49 - 0.33 * lift);
    limb(canvas, at(side * 0.108, 0.22), elbow, 0.036 * size, 0.03 * size, clothes.shirt);
    limb(canvas, elbow, wrist, 0.027 * size, 0.02 * size, skin);
    limb(canvas, wrist, wrist, 0.024 * size, 0.024 * size, skin);
  }
  limb(canvas, at(0, 0.15), at(0, 0.19), 0.028 * size, 0.032 * size, skin);
  limb(canvas, at(0, 0.065), at(0, 0.085), 0.058 * size, 0.056 * size, hair);
  limb(canvas, at(0, 0.085), at(0, 0.115), 0.049 * size, 0.038 * size, skin);
  for (const side of [-1, 1]) {
    limb(canvas, at(side * 0.019, 0.088), at(side * 0.019, 0.088), 0.007 * size, 0.007 * size,
         [40, 30, 30]);
    limb(canvas, at(side * 0.053, 0.095), at(side * 0.053, 0.1), 0.01 * size, 0.01 * size, skin);
  }
  limb(canvas, at(0, 0.1), at(0, 0.11), 0.006 * size, 0.009 * size, [205, 150, 118]);
  limb(canvas, at(-0.014, 0.13), at(0.014, 0.13), 0.005 * size, 0.005 * size, [170, 90, 85]);
}

/** The golden picture: two people in front of shelves, as RGB bytes. */
export function goldenPicture(height, width) {
  const canvas = background(height, width);
  person(canvas, width * 0.27, height * 0.94, height * 0.84,
         { shirt: [190, 62, 52], legs: [52, 62, 96] }, 1);
  person(canvas, width * 0.68, height * 0.9, height * 0.74,
         { shirt: [66, 132, 96], legs: [92, 84, 76] }, 0.2);
  return Uint8Array.from(canvas.pixels, (v) => Math.round(Math.min(255, Math.max(0, v))));
}
