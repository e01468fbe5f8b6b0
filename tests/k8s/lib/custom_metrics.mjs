// An adapter for custom metrics whose values a test sets: what prometheus-adapter is to the autoscaler.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { podsOf } from './nodes.mjs';

const group = 'custom.metrics.k8s.io';
const version = { groupVersion: `${group}/v1beta2`, version: 'v1beta2' };

export class CustomMetrics {
  /// By name of the metric: {service, total}, which the service's running pods share evenly, or {object, total} of a Service.
  values = {};

  constructor(cluster) { this.cluster = cluster; }

  async start() {
    const file = `${this.cluster.folder}/adapter`;
    spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
                          '-subj', '/CN=localhost', '-keyout', `${file}.key`, '-out', `${file}.crt`]);
    this.server = https.createServer({ key: readFileSync(`${file}.key`), cert: readFileSync(`${file}.crt`) }, (request, answer) => {
      this.#answer(decodeURIComponent(new URL(request.url, 'https://localhost').pathname)).then((body) => {
        answer.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
        answer.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }));
      }).catch((error) => { answer.writeHead(500); answer.end(String(error)); });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    const { port } = this.server.address();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'adapter' },
                      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] } };
    // The namespace comes a moment after the API server.
    await this.cluster.await(60, async () => (await this.cluster.ask('POST', '/api/v1/namespaces/default/services', service)).status === 201);
    await this.cluster.call('POST', '/apis/apiregistration.k8s.io/v1/apiservices', {
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `v1beta2.${group}` },
      spec: { group, version: 'v1beta2', groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true,
              service: { namespace: 'default', name: 'adapter', port } },
    });
  }

  stop() { this.server?.close(); this.server?.closeAllConnections?.(); }

  async #answer(path) {
    if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: [this.#group()] };
    if (path === `/apis/${group}`) return this.#group();
    if (path === `/apis/${version.groupVersion}`) {
      return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: version.groupVersion,
               resources: Object.entries(this.values).map(([name, { object }]) => ({
                 name: `${object ? 'services' : 'pods'}/${name}`, singularName: '', namespaced: true, kind: 'MetricValueList', verbs: ['get'] })) };
    }
    const [, kind, name, metric] =
      new RegExp(`^/apis/${version.groupVersion}/namespaces/aislewatch/(pods|services)/([\\w*-]+)/(\\w+)$`).exec(path) ?? [];
    const { service, object, total } = this.values[metric] ?? {};
    const item = (of, value) => ({ describedObject: { kind: of, namespace: 'aislewatch', name: value.name, apiVersion: '/v1' },
                                   metric: { name: metric, selector: null }, timestamp: new Date().toISOString(),
                                   value: `${Math.round(1000 * value.is)}m` });
    if (kind === 'services' && name === object) return this.#list([item('Service', { name, is: total })]);
    if (kind !== 'pods' || name !== '*' || !service) return undefined;
    const pods = (await podsOf(this.cluster, service)).filter(({ status }) => status.phase === 'Running');
    return this.#list(pods.map(({ metadata }) => item('Pod', { name: metadata.name, is: total / pods.length })));
  }

  #list(items) { return { kind: 'MetricValueList', apiVersion: version.groupVersion, metadata: {}, items }; }

  #group() { return { kind: 'APIGroup', apiVersion: 'v1', name: group, versions: [version], preferredVersion: version }; }
}
