// A number in every frame of a video, that survives scaling and encoding: a strip of black and white fields along the lower
// edge, written and read with ffmpeg.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const kBits = 12;
const kStrip = 24;  // Its height in rows of 360.

const ffmpeg = (...args) => execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args],
  { maxBuffer: 1 << 26 });

export function hasFfmpeg() {
  try {
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' });
    ffmpeg('-version');
    return true;
  } catch {
    return false;
  }
}

/** Writes `video` to `coded`, each frame with its number from 0 on. */
export function writeFrameCodes(video, coded) {
  const top = `ih*${1 - kStrip / 360}`;
  const fields = Array.from({ length: kBits }, (_, bit) =>
    `drawbox=x=iw*${bit}/${kBits}:y=${top}:w=iw/${kBits}:h=ih:color=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`);
  ffmpeg('-y', '-i', video, '-vf', [`drawbox=x=0:y=${top}:w=iw:h=ih:color=black:t=fill`, ...fields].join(','),
    '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-pix_fmt', 'yuv420p', coded);
}

/** The frames of a video as [{ pts (s), number }]. */
export function readFrameCodes(video) {
  const said = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=pts_time', '-of', 'json',
    video], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const times = JSON.parse(said).frames.map((frame) => Number.parseFloat(frame.pts_time));
  // Fields become single pixels; those in the middle of each row of the strip say the number.
  const height = kStrip / 360;
  const bytes = ffmpeg('-i', video, '-vf', `crop=iw:ih*${height / 2}:0:ih*${1 - height * 0.75},scale=${kBits}:1:flags=area,format=gray`,
    '-fps_mode', 'passthrough', '-f', 'rawvideo', '-');
  assert.equal(bytes.length, times.length * kBits, 'a code per frame');
  return times.map((pts, i) => ({
    pts,
    number: Array.from(bytes.subarray(i * kBits, (i + 1) * kBits)).reduce((sum, value, bit) => {
      assert.ok(value < 100 || value > 155, `frame ${i} has no code: ${[...bytes.subarray(i * kBits, (i + 1) * kBits)]}`);
      return sum + (value > 127 ? 2 ** bit : 0);
    }, 0),
  }));
}

/** What ffprobe says of a video. */
export function probe(video) {
  return JSON.parse(execFileSync('ffprobe', ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', video], { encoding: 'utf8' }));
}
