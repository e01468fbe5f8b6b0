// A real API server takes every overlay: server-side apply with strict validation, and pods under the `restricted` Pod
// Security level. Kinds of operators are among them where AISLEWATCH_KUBE_CRDS names a folder with their definitions.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cluster, native } from './lib/cluster.mjs';
import { workloads } from './lib/policy.mjs';
import { folderOf, overlays, render } from './lib/render.mjs';

const cluster = new Cluster();
const definitions = process.env.AISLEWATCH_KUBE_CRDS;
before(async () => {
  await cluster.start();
  if (definitions) await cluster.define(definitions);
}, { timeout: 300_000 });
after(() => cluster.stop());

const dryRun = (pod) => cluster.kubectl({ apiVersion: 'v1', kind: 'Pod', ...pod }, 'create', '--dry-run=server', '--filename=-');

for (const overlay of overlays) {
  test(`${overlay} is taken by a real API server, without a warning`, (t) => {
    const all = render(folderOf(overlay));
    const objects = definitions ? all : native(all);
    if (objects.length < all.length) t.diagnostic(`${all.length - objects.length} objects of operators are left out`);
    // A Job cannot be changed: docs/operations.md deletes it before an upgrade, too.
    cluster.kubectl('', 'delete', 'job', 'aislewatch-migration', '--namespace=aislewatch', '--ignore-not-found');
    for (const time of ['once', 'again']) {
      const { ok, text } = cluster.apply(objects);
      assert.ok(ok && !/warning/i.test(text), `${time}: ${text}`);
    }
    for (const { object, pod, labels } of workloads(objects)) {
      const claims = (object.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }));
      const { ok, text } = dryRun({ spec: { ...pod, volumes: [...(pod.volumes ?? []), ...claims] },
                                    metadata: { name: `${object.metadata.name}-${overlay}`, namespace: 'aislewatch', labels } });
      assert.ok(ok && !/warning/i.test(text), text);
    }
  });
}

test('an unknown field and a pod that is not restricted are refused', () => {
  const objects = native(render('k8s/overlays/trial'));
  const deployment = structuredClone(objects.find(({ kind }) => kind === 'Deployment'));
  deployment.spec.template.spec.containers[0].readynessProbe = {};
  const unknown = cluster.apply([deployment]);
  assert.ok(!unknown.ok && unknown.text.includes('readynessProbe'), unknown.text);
  const rooted = structuredClone(workloads(objects)[0].pod);
  rooted.containers[0].securityContext.allowPrivilegeEscalation = true;
  const refused = dryRun({ metadata: { name: 'x', namespace: 'aislewatch' }, spec: rooted });
  assert.ok(!refused.ok && refused.text.includes('restricted'), refused.text);
});

test('kinds of operators are checked as strictly', {
  skip: definitions ? false : 'AISLEWATCH_KUBE_CRDS names no folder of definitions; tests/k8s/fetch-crds makes one',
}, () => {
  const objects = [...render('k8s/overlays/cpu'), ...render('k8s/overlays/gpu').filter(({ kind }) => kind === 'ScaledObject')];
  const operators = objects.filter((object) => !native([object]).length);
  const kinds = [...new Set(operators.map(({ kind }) => kind))].sort();
  assert.deepEqual(kinds, ['Certificate', 'Cluster', 'Issuer', 'PodMonitor', 'PrometheusRule', 'ScaledObject']);
  for (const kind of kinds) {
    const object = structuredClone(operators.find((one) => one.kind === kind));
    object.spec.tpyo = 'x';
    const { ok, text } = cluster.apply([object]);
    assert.ok(!ok && text.includes('tpyo'), `${kind}: ${text}`);
  }
  const postgres = structuredClone(operators.find(({ kind }) => kind === 'Cluster'));
  postgres.spec.postgresql.synchronous.method = 'some';
  const { ok, text } = cluster.apply([postgres]);
  assert.ok(!ok && text.includes('synchronous.method'), text);
});
