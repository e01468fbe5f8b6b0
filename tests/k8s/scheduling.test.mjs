// Kubernetes' own scheduler places the pods of the overlays on nodes that have no kubelet, and its autoscaler computes
// replicas from metrics that the test sets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster, native } from './lib/cluster.mjs';
import { CustomMetrics } from './lib/custom_metrics.mjs';
import { addNode, podsOf, runPods } from './lib/nodes.mjs';
import { render } from './lib/render.mjs';

const patch = 'application/merge-patch+json';
const namespaced = '/namespaces/aislewatch';
const gpuPods = 2;

/// Without volumes that nobody provides here.
const withoutClaims = (objects) => objects.map((object) => object.spec?.volumeClaimTemplates === undefined ? object : {
  ...object, spec: { ...object.spec, volumeClaimTemplates: undefined, template: { ...object.spec.template, spec: {
    ...object.spec.template.spec, volumes: [...(object.spec.template.spec.volumes ?? []),
      ...object.spec.volumeClaimTemplates.map(({ metadata: { name } }) => ({ name, emptyDir: {} }))] } } },
});

async function deploy(cluster, overlay) {
  const { ok, text } = cluster.apply(withoutClaims(native(render(`k8s/overlays/${overlay}`))).filter(({ kind }) => kind !== 'Job'));
  assert.ok(ok, text);
}

const unschedulable = ({ status }) => status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')?.message;

test('gpu: pose takes one GPU each and nothing else comes onto GPU nodes', async (t) => {
  const cluster = new Cluster();
  t.after(() => cluster.stop());
  await cluster.start();
  await addNode(cluster, 'cpu-a', { zone: 'a' });
  await addNode(cluster, 'cpu-b', { zone: 'b' });
  await addNode(cluster, 'gpu-a', { zone: 'a', gpus: gpuPods });
  cluster.startControllers();
  await deploy(cluster, 'gpu');
  await cluster.call('PATCH', `/apis/apps/v1${namespaced}/deployments/aislewatch-pose`, { spec: { replicas: gpuPods + 1 } }, patch);

  const settled = async () => {
    const pods = (await cluster.call('GET', `/api/v1${namespaced}/pods`)).items;
    return pods.length === 5 + gpuPods + 1 && pods.every((pod) => pod.spec.nodeName || unschedulable(pod)) && pods;
  };
  const pods = await cluster.await(120, settled);
  assert.ok(pods, `pods are not placed: ${cluster.logs()}`);
  const placed = (name) => pods.filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === `aislewatch-${name}`);
  assert.deepEqual(placed('pose').map(({ spec }) => spec.nodeName ?? 'none').sort(), ['gpu-a', 'gpu-a', 'none']);
  const [waiting] = placed('pose').filter(({ spec }) => !spec.nodeName);
  assert.match(unschedulable(waiting), /Insufficient nvidia\.com\/gpu/);
  for (const name of ['classifier', 'events', 'fusion', 'gateway', 'ingest']) {
    const nodes = placed(name).map(({ spec }) => spec.nodeName);
    assert.ok(nodes.length > 0 && nodes.every((node) => /^cpu-/.test(node)), `${name}: ${nodes}`);
  }

  // Another GPU node takes the one that waited.
  await addNode(cluster, 'gpu-b', { zone: 'b', gpus: 1 });
  const last = await cluster.await(60, async () => (await podsOf(cluster, 'pose')).find(({ spec }) => spec.nodeName === 'gpu-b'));
  assert.ok(last, 'nobody took the new GPU');
});

test('cpu: replicas spread over zones, and autoscalers compute from our metrics', async (t) => {
  const cluster = new Cluster();
  const metrics = new CustomMetrics(cluster);
  t.after(async () => { metrics.stop(); await cluster.stop(); });
  await cluster.start();
  for (const zone of ['a', 'b']) await addNode(cluster, `node-${zone}`, { zone, cpu: '64', memory: '256Gi' });
  const set = (name, service, total) => { metrics.values[name] = { service, total }; };
  const setCameras = (total) => { metrics.values.aislewatch_cameras_to_run = { object: 'aislewatch-ingest', total }; };
  setCameras(12);
  for (const service of ['pose', 'classifier']) {
    set(`aislewatch_${service}_inference_busy`, service, 1.4);
    set(`aislewatch_${service}_queue_items`, service, 0);
  }
  await metrics.start();
  cluster.startControllers();
  await deploy(cluster, 'cpu');

  const desired = async (name) =>
    (await cluster.call('GET', `/apis/autoscaling/v2${namespaced}/horizontalpodautoscalers/aislewatch-${name}`)).status;
  // Pods come up as they are placed, so that the autoscaler counts them.
  const until = async (name, replicas) => {
    const reached = await cluster.await(120, async () => {
      await runPods(cluster);
      return (await desired(name)).desiredReplicas === replicas;
    });
    assert.ok(reached, `${name} does not want ${replicas}: ${JSON.stringify(await desired(name))}\n${cluster.logs()}`);
  };
  for (const name of ['ingest', 'pose', 'classifier']) await until(name, 2);
  const zones = await cluster.await(60, async () => {
    const nodes = (await podsOf(cluster, 'classifier')).map(({ spec }) => spec.nodeName);
    return nodes.length === 2 && nodes.every(Boolean) && nodes.sort();
  });
  assert.deepEqual(zones, ['node-a', 'node-b']);

  // 18 cameras, leased or not, 6 to each: 3. Inference all the time on two, at most 70 % on each: 3. The larger of two metrics counts:
  // 64 crops that wait, 16 to each: 4.
  setCameras(18);
  await until('ingest', 3);
  set('aislewatch_pose_inference_busy', 'pose', 2);
  await until('pose', 3);
  set('aislewatch_classifier_queue_items', 'classifier', 64);
  await until('classifier', 4);

  // Idle again: every replica that goes moves streams, so nothing goes for a quarter of an hour.
  set('aislewatch_classifier_queue_items', 'classifier', 0);
  set('aislewatch_classifier_inference_busy', 'classifier', 0);
  const held = await cluster.await(60, async () => {
    await runPods(cluster);
    const { conditions, desiredReplicas } = await desired('classifier');
    return conditions.some(({ type, reason }) => type === 'AbleToScale' && reason === 'ScaleDownStabilized') && desiredReplicas;
  });
  assert.equal(held, 4);
});
