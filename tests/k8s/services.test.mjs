// The programs take what the manifests give them: every flag exists, and each service, started with the environment of
// its pod, answers the probes of its pod, exports the metrics that autoscalers ask for and ends within its grace period.
//
// Needs the built programs (AISLEWATCH_BIN_DIR) and openssl, for certificates in the places of the mounted ones.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { check } from './lib/health.mjs';
import { environment, program, workloads } from './lib/policy.mjs';
import { folderOf, overlays, render, root } from './lib/render.mjs';

const bin = process.env.AISLEWATCH_BIN_DIR;
const folder = mkdtempSync(join(tmpdir(), 'aislewatch-k8s-'));
after(() => rmSync(folder, { recursive: true }));
const rendered = Object.fromEntries(overlays.map((overlay) => [overlay, render(folderOf(overlay))]));

const helps = {};
function help(name) {
  helps[name] ??= spawnSync(join(bin, `aislewatch-${name}`), ['--help'], { encoding: 'utf8' }).stdout;
  return helps[name];
}

/// Variables and flags of `container` that its program does not have.
function unknownFlags(objects, container) {
  const text = help(program(container));
  return [
    ...Object.keys(environment(objects, container))
      .filter((name) => name.startsWith('AISLEWATCH_') && !text.includes(`(Env:${name})`)),
    ...(container.args ?? []).filter((arg) => !new RegExp(`^ +(-\\w,)?${arg.split('=')[0]}\\b`, 'm').test(text)),
  ];
}

for (const overlay of overlays) {
  test(`${overlay}: every flag is one of its program`, () => {
    const containers = workloads(rendered[overlay]).flatMap((workload) => workload.containers).filter(program);
    assert.equal(containers.length, 7); // Six services and the migration.
    for (const container of containers) assert.deepEqual(unknownFlags(rendered[overlay], container), []);
  });
}

test('a flag that no program has is found', () => {
  const container = { command: ['aislewatch-pose'], args: ['--devise=cpu'],
                      env: [{ name: 'AISLEWATCH_POSE_DEVISE', value: 'cpu' }, { name: 'AISLEWATCH_POSE_DEVICE', value: 'cpu' }] };
  assert.deepEqual(unknownFlags([], container), ['AISLEWATCH_POSE_DEVISE', '--devise=cpu']);
});

function openssl(...args) {
  const done = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}

function makeCertificates() {
  mkdirSync(join(folder, 'tls'));
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'tls/ca.crt', '-subj', '/CN=test', '-days', '2');
  openssl('req', ...key, '-keyout', 'tls/tls.key', '-out', 'tls.csr', '-subj', '/CN=service');
  openssl('x509', '-req', '-in', 'tls.csr', '-CA', 'tls/ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'tls/tls.crt', '-days', '2');
}

// The environment of a pod on this machine: free ports, and folders that are there.
function localEnvironment(objects, container) {
  const name = program(container);
  const prefix = `AISLEWATCH_${name.toUpperCase()}_`;
  const variables = Object.fromEntries(Object.entries(environment(objects, container)).map(([key, value]) => [key,
    /_(TLS_CA|(TLS|HTTP)_(CERTIFICATE|KEY)|TOKEN_FILE|SECRETS_KEY_FILE|SITE_KEY)$/.test(key)
      ? value.replace(/^\/etc\/aislewatch/, folder)
      : value?.replace(/\$\((\w+)\)/g, 'test')]));
  for (const key of ['LISTEN', 'METRICS_LISTEN', 'HEALTH_LISTEN']) variables[prefix + key] = '127.0.0.1:0';
  variables[`${prefix}PORT_FILE`] = join(folder, `${name}.ports`);
  if (`${prefix}MODEL_REPOSITORY` in variables) {
    variables[`${prefix}MODEL_REPOSITORY`] = `${root}/models/pretrained,${models}`;
  }
  if (`${prefix}HTTP_LISTEN` in variables) variables[`${prefix}HTTP_LISTEN`] = '127.0.0.1:0';
  if (`${prefix}EVENTS_TOKEN_FILE` in variables) {
    mkdirSync(join(folder, 'access'), { recursive: true });
    writeFileSync(join(folder, 'access/token'), 'awt_test\n');
  }
  if (`${prefix}SECRETS_KEY_FILE` in variables) {
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    writeFileSync(join(folder, 'secrets/secrets.key'), `k1 ${randomBytes(32).toString('base64')}\n`, { mode: 0o600 });
  }
  if (`${prefix}SITE_KEY` in variables) {
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(folder, 'secrets/site-key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  }
  if (`${prefix}OUTBOX` in variables) variables[`${prefix}OUTBOX`] = join(folder, 'outbox.sqlite');
  if (`${prefix}DATABASE` in variables) variables[`${prefix}DATABASE`] = 'host=127.0.0.1 port=1 dbname=none user=none';
  return variables;
}

const models = process.env.AISLEWATCH_MODELS_DIR ?? `${root}/build/models`;
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function start(container, variables) {
  const name = program(container);
  const child = spawn(join(bin, `aislewatch-${name}`), container.args ?? [], {
    cwd: folder, env: { PATH: process.env.PATH, ...process.env, ...variables }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (data) => { log += data; });
  const exited = new Promise((resolve) => { child.on('exit', (code, signal) => resolve(code ?? signal)); });
  const file = variables[`AISLEWATCH_${name.toUpperCase()}_PORT_FILE`];
  const until = Date.now() + 90_000; // Warming up a model on a busy machine.
  while (!existsSync(file)) {
    assert.ok(child.exitCode === null && Date.now() < until, `aislewatch-${name} does not start: ${log}`);
    await sleep(50);
  }
  const ports = Object.fromEntries(readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split('=')));
  return { child, exited, ports, log: () => log };
}

const exported = new Set();
const started = new Set();

for (const name of ['events', 'fusion', 'classifier', 'pose', 'ingest', 'gateway']) {
  const missing = name === 'pose' && !existsSync(`${models}/movenet-multipose`)
    ? 'no MoveNet weights: scripts/fetch-models' : false;
  test(`aislewatch-${name} answers its probes and ends in time`, { skip: missing }, async (t) => {
    if (!existsSync(join(folder, 'tls'))) makeCertificates();
    const objects = rendered.cpu; // The overlay with TLS.
    const { pod, containers: [container] } = workloads(objects).find(({ object, containers }) =>
      object.kind !== 'Job' && program(containers[0]) === name);
    const service = await start(container, localEnvironment(objects, container));
    try {
      const probe = (kind) => check(service.ports.health, container[kind].grpc.service);
      assert.equal(await probe('startupProbe'), 'SERVING');
      assert.equal(await probe('livenessProbe'), 'SERVING');
      // There is no database here.
      assert.equal(await probe('readinessProbe'), name === 'events' ? 'NOT_SERVING' : 'SERVING');
      assert.equal(await check(service.ports.health, 'alive'), 'grpc-status 5');
      await assert.rejects(check(service.ports.grpc, 'liveness'), 'the main port takes plaintext');
      const text = await (await fetch(`http://127.0.0.1:${service.ports.metrics}/metrics`)).text();
      for (const [, metric] of text.matchAll(/^(aislewatch_\w+)/gm)) exported.add(metric);
      started.add(name);
      const [, memory] = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'));
      t.diagnostic(`${Math.round(memory / 1024)} MiB at most, of a request of ${container.resources.requests.memory}`);
    } finally {
      service.child.kill('SIGTERM');
    }
    const begin = Date.now();
    const grace = pod.terminationGracePeriodSeconds - container.lifecycle.preStop.sleep.seconds;
    const ended = await Promise.race([service.exited, sleep(1000 * grace).then(() => 'still there')]);
    if (ended === 'still there') service.child.kill('SIGKILL');
    assert.equal(ended, 0, service.log());
    t.diagnostic(`ended ${Date.now() - begin} ms after SIGTERM`);
  });
}

// What recording rules and the rules of the adapter (components/hpa/adapter-rules.yaml) make, by name: their expressions.
const recorded = Object.fromEntries(rendered.cpu.filter(({ kind }) => kind === 'PrometheusRule')
  .flatMap(({ spec }) => spec.groups).flatMap((group) => group.rules).filter(({ record }) => record).map(({ record, expr }) => [record, expr]));
recorded.aislewatch_cameras_to_run = recorded['aislewatch:cameras_to_run:sum'];
for (const stage of ['pose', 'classifier']) recorded[`aislewatch_${stage}_inference_busy`] = `aislewatch_${stage}_batch_run_seconds_sum`;

/// Our services' metrics behind what autoscalers of `objects` ask for.
function askedMetrics(objects) {
  const namesIn = (text) => [...text.matchAll(/aislewatch[_:][\w:]+/g)].map(([name]) => name);
  return objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler' || kind === 'ScaledObject')
    .flatMap(({ spec }) => namesIn(JSON.stringify(spec))).flatMap((name) => (recorded[name] ? namesIn(recorded[name]) : [name]));
}

test('autoscalers ask for metrics that services export', (t) => {
  const asked = new Set(Object.values(rendered).flatMap(askedMetrics));
  assert.ok(asked.size >= 6);
  const answerable = [...asked].filter((metric) => started.has(metric.split('_')[1]));
  if (answerable.length < asked.size) t.diagnostic('metrics of services that did not start were not checked');
  assert.deepEqual(answerable.filter((metric) => !exported.has(metric)), []);
  assert.ok(!exported.has('aislewatch_pose_frames_waiting'));
});

test('a program that gets a value it cannot take does not start', async () => {
  const done = spawnSync(join(bin, 'aislewatch-pose'), [], {
    encoding: 'utf8', env: { ...process.env, AISLEWATCH_POSE_MAX_BATCH: 'many' }, timeout: 10_000 });
  assert.notEqual(done.status, 0);
});
