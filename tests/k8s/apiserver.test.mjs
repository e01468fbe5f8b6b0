// A real API server takes every overlay: server-side apply with strict validation, and pods under the `restricted` Pod
// Security level. Kinds of operators are left out, as their definitions are not here.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cluster, native } from './lib/cluster.mjs';
import { workloads } from './lib/policy.mjs';
import { folderOf, overlays, render } from './lib/render.mjs';

const cluster = new Cluster();
before(() => cluster.start(), { timeout: 300_000 });
after(() => cluster.stop());

const dryRun = (pod) => cluster.kubectl({ apiVersion: 'v1', kind: 'Pod', ...pod }, 'create', '--dry-run=server', '--filename=-');

for (const overlay of overlays) {
  test(`${overlay} is taken by a real API server, without a warning`, () => {
    const objects = native(render(folderOf(overlay)));
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
