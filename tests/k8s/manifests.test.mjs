// Every overlay renders, satisfies the schemas of its kinds and our rules. Each check is also given something broken.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { breaks } from './lib/breaks.mjs';
import { rules, workloads } from './lib/policy.mjs';
import { folderOf, overlays, parse, render, root } from './lib/render.mjs';
import { faultsOfSchema, nameOf } from './lib/schema.mjs';

const rendered = Object.fromEntries(overlays.map((overlay) => [overlay, render(folderOf(overlay))]));

async function schemaFaults(objects) {
  return (await Promise.all(objects.map(faultsOfSchema))).flat();
}

for (const [overlay, objects] of Object.entries(rendered)) {
  test(`${overlay} satisfies the schemas`, async () => {
    assert.ok(objects.length > 20);
    assert.deepEqual(await schemaFaults(objects), []);
  });

  test(`${overlay} has each object once`, () => {
    const names = objects.map((object) => `${object.apiVersion} ${nameOf(object)}`);
    assert.equal(new Set(names).size, names.length);
  });

  for (const [name, rule] of Object.entries(rules)) {
    test(`${overlay}: ${name}`, () => assert.deepEqual(rule(objects), []));
  }
}

function* innerObjects(value, path = '') {
  if (value === null || typeof value !== 'object') return;
  if (!Array.isArray(value)) yield [value, path];
  for (const [key, child] of Object.entries(value)) yield* innerObjects(child, `${path}/${key}`);
}

// What Kubernetes takes any key in.
const maps = /\/(labels|annotations|matchLabels|selector|data|parameters|triggers\/\d+\/metadata|resources\/(requests|limits))$/;

for (const overlay of overlays) {
  test(`${overlay}: an unknown field is found wherever it is`, async () => {
    for (const object of structuredClone(rendered[overlay])) {
      for (const [inner, path] of [...innerObjects(object)]) {
        inner.tpyo = 'x';
        const found = (await faultsOfSchema(object)).some((fault) => fault.includes('tpyo'));
        delete inner.tpyo;
        assert.ok(found || maps.test(path), `${nameOf(object)}${path} takes unknown fields`);
      }
    }
  });
}

test('schemas refuse wrong types, missing fields and unknown kinds', async () => {
  const [deployment] = rendered.trial.filter(({ kind }) => kind === 'Deployment');
  const broken = (change) => {
    const object = structuredClone(deployment);
    change(object);
    return faultsOfSchema(object);
  };
  assert.deepEqual(await broken(() => {}), []);
  assert.notDeepEqual(await broken((object) => { object.spec.replicas = '2'; }), []);
  assert.notDeepEqual(await broken((object) => { delete object.spec.selector; }), []);
  assert.notDeepEqual(await broken((object) => { object.apiVersion = 'apps/v2'; }), []);
  assert.notDeepEqual(await broken((object) => { object.spec.template.spec.containers[0].startupProbe.grpc.port = 'health'; }), []);
});

test('every rule has something that breaks it', () => {
  assert.deepEqual(Object.keys(rules).filter((name) => breaks[name] === undefined), []);
});

for (const [name, changes] of Object.entries(breaks)) {
  test(`${name} finds what is broken`, () => {
    for (const [overlay, change] of changes) {
      const objects = structuredClone(rendered[overlay]);
      const find = (kind, end) => objects.find((object) => object.kind === kind && object.metadata.name === `aislewatch${end}`);
      change(find, objects);
      assert.notDeepEqual(rules[name](objects), [], `${overlay}, broken by ${change}`);
    }
  });
}

test('a kustomization that does not render is an error', () => {
  assert.throws(() => render('docs'));
});

test('generated rules and dashboards are up to date', () => {
  const done = spawnSync('scripts/generate-monitoring', ['--check'], { cwd: root, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stdout + done.stderr);
});

test('every component is rendered here', () => {
  const used = overlays.map((overlay) => readFileSync(`${root}/${folderOf(overlay)}/kustomization.yaml`, 'utf8')).join();
  const components = readdirSync(`${root}/k8s/components`);
  assert.deepEqual(components.filter((component) => !used.includes(`components/${component}`)), []);
});

test('requests and limits are those that docs/capacity.md derives', () => {
  const section = readFileSync(`${root}/docs/capacity.md`, 'utf8').split('## Requests and limits')[1].split('\n## ')[0];
  const rows = [...section.matchAll(/^\| (\w+) \|.*\| `(\w+)`, `(\w+)` \| `(\w+)`, `(\w+)` \|$/gm)];
  assert.equal(rows.length, 6);
  for (const [, service, cpu, cpuLimit, memory, memoryLimit] of rows) {
    const { requests, limits } = workloads(rendered.cpu).find(({ labels }) => labels['app.kubernetes.io/name'] === `aislewatch-${service}`)
      .containers[0].resources;
    assert.deepEqual([requests.cpu, limits.cpu, requests.memory, limits.memory], [cpu, cpuLimit, memory, memoryLimit], service);
  }
});

// What an adapter's rule makes of the series that its query names.
function madeBy({ seriesQuery, name }) {
  const pattern = /__name__=~"([^"]*)"/.exec(seriesQuery)?.[1];
  const series = pattern ? expanded(pattern) : [seriesQuery.split('{')[0]];
  return series.map((one) => (name ? one.replace(new RegExp(name.matches), name.as.replace('${1}', '$1')) : one));
}

/// The names that a pattern of alternatives and groups of alternatives stands for.
function expanded(pattern) {
  const group = /^(.*?)\(([^)]*)\)(.*)$/.exec(pattern);
  return group ? group[2].split('|').map((one) => group[1] + one + group[3]) : pattern.split('|');
}

test('the rules of the adapter make the metrics that autoscalers ask for', () => {
  const [adapter] = parse(readFileSync(`${root}/k8s/components/hpa/adapter-rules.yaml`, 'utf8'));
  const metrics = rendered.cpu.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').flatMap(({ spec }) => spec.metrics);
  const wanted = metrics.flatMap(({ type, pods, object }) => type === 'Pods' ? [['pod', pods.metric.name]]
    : type === 'Object' ? [[object.describedObject.kind.toLowerCase(), object.metric.name]] : []);
  assert.ok(wanted.length >= 6);
  for (const [resource, metric] of wanted) {
    const made = adapter.rules.custom.some((rule) => rule.resources.overrides[resource] && madeBy(rule).includes(metric));
    assert.ok(made, `no rule makes ${metric} of a ${resource}`);
  }
});

test('what autoscalers ask of recording rules is recorded, by namespace', () => {
  const [adapter] = parse(readFileSync(`${root}/k8s/components/hpa/adapter-rules.yaml`, 'utf8'));
  const recorded = rendered.gpu.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => spec.groups)
    .flatMap(({ rules: all }) => all).filter(({ record }) => record);
  const asked = rendered.gpu.filter(({ kind }) => kind === 'ScaledObject').flatMap(({ spec }) => spec.triggers)
    .filter(({ type }) => type === 'prometheus').map(({ metadata }) => metadata.query);
  assert.ok(asked.length >= 6);
  for (const query of [...asked, ...adapter.rules.custom.map(({ seriesQuery }) => seriesQuery)]) {
    const [, name] = /^([\w:]*:[\w:]*)\{.*\}$/.exec(query) ?? [];
    if (!name) {
      assert.ok(!asked.includes(query), `KEDA asks for something other than a recording rule: ${query}`);
      continue;
    }
    const rule = recorded.find(({ record }) => record === name);
    assert.ok(rule && /by \(namespace\)/.test(rule.expr), `no rule records ${name} by namespace`);
  }
});
