// Nodes without a kubelet, and what a kubelet would say of their pods.

const ready = (type) => ({ type, status: 'True', reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' });

/// A node with room; `gpus` makes it one for GPUs, labelled and tainted as NVIDIA's operator does.
export async function addNode(cluster, name, { zone, cpu = '16', memory = '64Gi', gpus = 0 }) {
  const room = { cpu, memory, pods: '110', 'ephemeral-storage': '100Gi', ...(gpus && { 'nvidia.com/gpu': String(gpus) }) };
  await cluster.call('POST', '/api/v1/nodes', {
    apiVersion: 'v1', kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone,
                                ...(gpus && { 'nvidia.com/gpu.present': 'true' }) } },
  });
  await cluster.call('PATCH', `/api/v1/nodes/${name}/status`, { status: { capacity: room, allocatable: room, conditions: [ready('Ready')] } },
                     'application/merge-patch+json');
  // Of a new node the API server says that it is not ready.
  const taints = gpus ? [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }] : [];
  await cluster.call('PATCH', `/api/v1/nodes/${name}`, { spec: { taints } }, 'application/merge-patch+json');
}

export const podsOf = async (cluster, name) =>
  (await cluster.call('GET', `/api/v1/namespaces/aislewatch/pods?labelSelector=app.kubernetes.io/name=aislewatch-${name}`)).items;

/// Pods that have a node run and are ready.
export async function runPods(cluster) {
  const { items } = await cluster.call('GET', '/api/v1/namespaces/aislewatch/pods');
  const placed = items.filter(({ spec, status }) => spec.nodeName && status.phase === 'Pending');
  await Promise.all(placed.map(({ metadata: { name } }) => cluster.call('PATCH', `/api/v1/namespaces/aislewatch/pods/${name}/status`, {
    status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z', conditions: [ready('Ready'), ready('PodScheduled')] },
  }, 'application/strategic-merge-patch+json')));
}
