// A real API server takes every overlay: server-side apply with strict validation, and pods under the `restricted` Pod
// Security level. Kinds of operators are left out, as their definitions are not here.
//
// AISLEWATCH_KUBE_APISERVER and AISLEWATCH_ETCD (default: etcd) name the programs. Both run on loopback only.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { workloads } from './lib/policy.mjs';
import { overlays, render } from './lib/render.mjs';

const folder = mkdtempSync(join(tmpdir(), 'aislewatch-apiserver-'));
const children = [];
let server;

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

function start(program, ...args) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child.log = '';
  child.stderr.on('data', (data) => { child.log = (child.log + data).slice(-4000); });
  children.push(child);
  return child;
}

function kubectl(input, ...args) {
  const done = spawnSync('kubectl', [`--server=https://127.0.0.1:${server}`, '--insecure-skip-tls-verify', '--token=test',
                                     '--kubeconfig=/dev/null', `--cache-dir=${folder}/cache`, ...args],
                         { input: typeof input === 'string' ? input : JSON.stringify(input), encoding: 'utf8' });
  return { ok: done.status === 0, text: done.stdout + done.stderr };
}

const list = (items) => ({ apiVersion: 'v1', kind: 'List', items });
const apply = (items) => kubectl(list(items), 'apply', '--server-side', '--validate=strict', '--filename=-');

// Kinds that Kubernetes itself has.
const native = (objects) => objects.filter(({ apiVersion }) =>
  /^(v1|(apps|batch|autoscaling|policy)\/v\d|networking\.k8s\.io\/v1)$/.test(apiVersion));

before(async () => {
  const [client, peer] = [await freePort(), await freePort()];
  start(process.env.AISLEWATCH_ETCD ?? 'etcd', `--data-dir=${folder}/etcd`, `--listen-client-urls=http://127.0.0.1:${client}`,
        `--advertise-client-urls=http://127.0.0.1:${client}`, `--listen-peer-urls=http://127.0.0.1:${peer}`,
        `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`, `--initial-cluster=default=http://127.0.0.1:${peer}`);
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' },
                                            privateKeyEncoding: { type: 'pkcs1', format: 'pem' } });
  writeFileSync(`${folder}/sa.pub`, keys.publicKey);
  writeFileSync(`${folder}/sa.key`, keys.privateKey, { mode: 0o600 });
  writeFileSync(`${folder}/tokens.csv`, 'test,admin,1,system:masters\n');
  server = await freePort();
  const apiserver = start(process.env.AISLEWATCH_KUBE_APISERVER, `--etcd-servers=http://127.0.0.1:${client}`,
    '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${server}`, `--cert-dir=${folder}/certificates`,
    '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${folder}/sa.pub`,
    `--service-account-signing-key-file=${folder}/sa.key`, `--token-auth-file=${folder}/tokens.csv`,
    '--authorization-mode=AlwaysAllow', '--service-cluster-ip-range=10.0.0.0/24', '--endpoint-reconciler-type=none');
  const until = Date.now() + 120_000;
  while (!kubectl('', 'get', '--raw=/readyz').ok) {
    assert.ok(apiserver.exitCode === null && Date.now() < until, `kube-apiserver does not start: ${apiserver.log}`);
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
}, { timeout: 150_000 });

after(async () => {
  for (const child of children.reverse()) {
    child.kill('SIGTERM');
    await Promise.race([new Promise((resolve) => { child.on('exit', resolve); }), new Promise((resolve) => { setTimeout(resolve, 10_000); })]);
    child.kill('SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
});

for (const overlay of overlays) {
  test(`${overlay} is taken by a real API server, without a warning`, () => {
    const objects = native(render(`k8s/overlays/${overlay}`));
    // Its namespace first, as kubectl orders them.
    const applied = apply(objects.toSorted?.((a, b) => (b.kind === 'Namespace') - (a.kind === 'Namespace')) ?? objects);
    assert.ok(applied.ok && !/warning/i.test(applied.text), applied.text);
    const again = apply(objects);
    assert.ok(again.ok && !/warning/i.test(again.text), again.text);
    for (const { object, pod, labels } of workloads(objects)) {
      const made = kubectl({ apiVersion: 'v1', kind: 'Pod', spec: { ...pod, volumes: [...(pod.volumes ?? []),
        ...(object.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => ({ name, persistentVolumeClaim: { claimName: name } }))] },
        metadata: { name: `${object.metadata.name}-${overlay}`, namespace: 'aislewatch', labels } }, 'create', '--dry-run=server', '--filename=-');
      assert.ok(made.ok && !/warning/i.test(made.text), made.text);
    }
  });
}

test('an unknown field and a pod that is not restricted are refused', () => {
  const objects = native(render('k8s/overlays/trial'));
  const deployment = structuredClone(objects.find(({ kind }) => kind === 'Deployment'));
  deployment.spec.template.spec.containers[0].readynessProbe = {};
  const unknown = apply([deployment]);
  assert.ok(!unknown.ok && unknown.text.includes('readynessProbe'), unknown.text);
  const { pod } = workloads(objects)[0];
  const rooted = structuredClone(pod);
  rooted.containers[0].securityContext.allowPrivilegeEscalation = true;
  const refused = kubectl({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', namespace: 'aislewatch' }, spec: rooted },
                          'create', '--dry-run=server', '--filename=-');
  assert.ok(!refused.ok && refused.text.includes('restricted'), refused.text);
});
