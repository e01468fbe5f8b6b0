// A control plane of Kubernetes on loopback, without nodes: etcd and kube-apiserver, and on demand the scheduler and the
// controllers that make pods of our objects and scale them.
//
// AISLEWATCH_ETCD (default: etcd), AISLEWATCH_KUBE_APISERVER, AISLEWATCH_KUBE_SCHEDULER, AISLEWATCH_KUBE_CONTROLLER_MANAGER;
// AISLEWATCH_KUBE_CRDS, a folder with the definitions of operators' kinds.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

/// Kinds that Kubernetes itself has; those of operators have a definition only where AISLEWATCH_KUBE_CRDS gives some.
export const native = (objects) => objects.filter(({ apiVersion }) =>
  /^(v1|(apps|batch|autoscaling|policy)\/v\d|networking\.k8s\.io\/v1)$/.test(apiVersion));

export class Cluster {
  folder = mkdtempSync(join(tmpdir(), 'aislewatch-kubernetes-'));
  #children = [];

  #start(program, ...args) {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.log = '';
    child.stderr.on('data', (data) => { child.log = (child.log + data).slice(-8000); });
    this.#children.push(child);
    return child;
  }

  /// etcd and the API server, until it is ready.
  async start() {
    const { folder } = this;
    const [client, peer] = [await freePort(), await freePort()];
    this.#start(process.env.AISLEWATCH_ETCD ?? 'etcd', `--data-dir=${folder}/etcd`, `--listen-client-urls=http://127.0.0.1:${client}`,
                `--advertise-client-urls=http://127.0.0.1:${client}`, `--listen-peer-urls=http://127.0.0.1:${peer}`,
                `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`, `--initial-cluster=default=http://127.0.0.1:${peer}`);
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' },
                                              privateKeyEncoding: { type: 'pkcs1', format: 'pem' } });
    writeFileSync(`${folder}/sa.pub`, keys.publicKey);
    writeFileSync(`${folder}/sa.key`, keys.privateKey, { mode: 0o600 });
    writeFileSync(`${folder}/tokens.csv`, 'test,admin,1,system:masters\n');
    this.port = await freePort();
    writeFileSync(`${folder}/kubeconfig`, JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'test',
      clusters: [{ name: 'test', cluster: { server: `https://127.0.0.1:${this.port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'test', user: { token: 'test' } }], contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    }));
    const apiserver = this.#start(process.env.AISLEWATCH_KUBE_APISERVER, `--etcd-servers=http://127.0.0.1:${client}`,
      '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', `--secure-port=${this.port}`, `--cert-dir=${folder}/certificates`,
      '--service-account-issuer=https://kubernetes.default.svc', `--service-account-key-file=${folder}/sa.pub`,
      `--service-account-signing-key-file=${folder}/sa.key`, `--token-auth-file=${folder}/tokens.csv`,
      '--authorization-mode=AlwaysAllow', '--service-cluster-ip-range=10.0.0.0/24', '--endpoint-reconciler-type=none');
    const ready = await this.await(240, async () => {
      assert.equal(apiserver.exitCode, null, `kube-apiserver ended: ${apiserver.log}`);
      return (await this.ask('GET', '/readyz').catch(() => ({}))).status === 200;
    });
    assert.ok(ready, `kube-apiserver does not start: ${apiserver.log}`);
  }

  /// The kinds of operators that `folder` defines (fetch-crds), until the API server serves them. No operator runs.
  async define(folder) {
    const { ok, text } = this.kubectl('', 'apply', '--server-side', `--filename=${folder}`);
    assert.ok(ok, text);
    const served = await this.await(60, async () => {
      const { items } = await this.call('GET', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
      return items.length > 0 && items.every(({ status }) =>
        (status.conditions ?? []).some(({ type, status: is }) => type === 'Established' && is === 'True')) && items.length;
    });
    assert.ok(served, 'the definitions are not served');
    return served;
  }

  /// Pods of Deployments and StatefulSets, autoscaling every second; and their places.
  startControllers() {
    const common = [`--kubeconfig=${this.folder}/kubeconfig`, '--leader-elect=false', '--secure-port=0'];
    this.#start(process.env.AISLEWATCH_KUBE_SCHEDULER, ...common);
    this.#start(process.env.AISLEWATCH_KUBE_CONTROLLER_MANAGER, ...common,
                '--controllers=deployment-controller,replicaset-controller,statefulset-controller,horizontal-pod-autoscaler-controller',
                '--kube-api-content-type=application/json', '--horizontal-pod-autoscaler-sync-period=1s',
                '--horizontal-pod-autoscaler-initial-readiness-delay=1s');
  }

  logs() { return this.#children.map(({ spawnfile, log }) => `== ${spawnfile}\n${log}`).join('\n'); }

  async stop() {
    for (const child of this.#children.reverse()) {
      child.kill('SIGTERM');
      await Promise.race([new Promise((resolve) => { child.on('exit', resolve); }), sleep(10_000)]);
      child.kill('SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /// One request to the API; {status, body}, the body parsed where it is JSON.
  ask(method, path, body, type = 'application/json') {
    return new Promise((resolve, reject) => {
      const request = https.request({ host: '127.0.0.1', port: this.port, method, path, rejectUnauthorized: false,
        headers: { authorization: 'Bearer test', accept: 'application/json', ...(body ? { 'content-type': type } : {}) } }, (answer) => {
        let text = '';
        answer.on('data', (data) => { text += data; });
        answer.on('end', () => {
          let parsed = text;
          try { parsed = JSON.parse(text); } catch { /* Text. */ }
          resolve({ status: answer.statusCode, body: parsed });
        });
      });
      request.on('error', reject);
      request.end(body && JSON.stringify(body));
    });
  }

  /// As `ask`, for what must succeed; its body.
  async call(method, path, body, type) {
    const { status, body: answer } = await this.ask(method, path, body, type);
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /// The first true answer of `question`, which is asked for at most `seconds`; else the last one.
  async await(seconds, question) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const answer = await question();
      if (answer || Date.now() > until) return answer;
      await sleep(300);
    }
  }

  kubectl(input, ...args) {
    const done = spawnSync('kubectl', [`--kubeconfig=${this.folder}/kubeconfig`, `--cache-dir=${this.folder}/cache`, ...args],
                           { input: typeof input === 'string' ? input : JSON.stringify(input), encoding: 'utf8' });
    return { ok: done.status === 0, text: done.stdout + done.stderr };
  }

  /// Server-side apply with strict validation; the namespace first, as kubectl orders them.
  apply(objects) {
    const items = [...objects].sort((a, b) => (b.kind === 'Namespace') - (a.kind === 'Namespace'));
    return this.kubectl({ apiVersion: 'v1', kind: 'List', items }, 'apply', '--server-side', '--validate=strict', '--filename=-');
  }
}
