// A clip against its source, whose frames carry their numbers.
import assert from 'node:assert/strict';
import { probe, readFrameCodes } from './frame_code.mjs';

/**
 * Each picture of the clip stands at its capture time: between two of them as much time passes as between the frames of the
 * source that they show. The source has `frames` frames and is played again and again.
 */
export function checkFrames(clip, { fps, frames, duration }) {
  const { streams, format } = probe(clip);
  assert.deepEqual(streams.map((one) => [one.codec_name, one.pix_fmt]), [['h264', 'yuv420p']]);
  assert.match(format.format_name, /mp4/);
  assert.ok(Math.abs(Number(format.duration) - duration) < 0.1, `${format.duration} s for ffprobe, ${duration} s for the browser`);

  const pictures = readFrameCodes(clip);
  assert.ok(pictures.length > (duration * fps) / 4, `${pictures.length} pictures in ${duration} s`);
  assert.equal(pictures[0].pts, 0);
  const late = [];
  let dropped = 0;
  for (let i = 1; i < pictures.length; ++i) {
    const step = (pictures[i].number - pictures[i - 1].number + frames) % frames;
    assert.ok(step > 0 && step < frames / 2, `picture ${i} shows frame ${pictures[i].number} after ${pictures[i - 1].number}`);
    dropped += step - 1;
    late.push(Math.abs(pictures[i].pts - pictures[i - 1].pts - step / fps));
  }
  late.sort((a, b) => a - b);
  const worst = late.at(-1);
  const median = late[Math.floor(late.length / 2)];
  console.log(`${pictures.length} pictures of the clip show the frames of the source in order, ${dropped} dropped between; ` +
    `their times are off by ${(1000 * median).toFixed(0)} ms in the median, ${(1000 * worst).toFixed(0)} ms at most`);
  // A reader that is late on a busy machine stamps late; it never makes up the wrong picture.
  assert.ok(median < 0.5 / fps && worst < 1, `off by ${median} s in the median, ${worst} s at most`);
}
