// Checks an object against the schema of its kind, and refuses fields that the schema does not know.
//
// The npm packages of kubernetes-models carry the OpenAPI schemas as compiled validators, which check types, required
// fields, enums and formats but let unknown fields pass. A validator asks for every field that its schema knows, so
// what it never asked for, of an object that it looked into, is unknown. Objects that it does not look into (free-form
// ones) and those whose keys it lists (maps) may have any field.

const modules = new URL('../node_modules/', import.meta.url);
const crd = (name, file) => `@kubernetes-models/${name}/_schemas/${file}`;
const schemas = {
  'v1/ConfigMap': 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap',
  'v1/Namespace': 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace',
  'v1/PersistentVolumeClaim': 'kubernetes-models/_schemas/IoK8sApiCoreV1PersistentVolumeClaim',
  'v1/Secret': 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret',
  'v1/Service': 'kubernetes-models/_schemas/IoK8sApiCoreV1Service',
  'v1/ServiceAccount': 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount',
  'apps/v1/Deployment': 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment',
  'apps/v1/StatefulSet': 'kubernetes-models/_schemas/IoK8sApiAppsV1StatefulSet',
  'autoscaling/v2/HorizontalPodAutoscaler': 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler',
  'batch/v1/Job': 'kubernetes-models/_schemas/IoK8sApiBatchV1Job',
  'networking.k8s.io/v1/Ingress': 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress',
  'networking.k8s.io/v1/NetworkPolicy': 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget',
  'cert-manager.io/v1/Certificate': crd('cert-manager', 'ComGithubCertManagerCertManagerPkgApisCertmanagerV1Certificate'),
  'cert-manager.io/v1/Issuer': crd('cert-manager', 'ComGithubCertManagerCertManagerPkgApisCertmanagerV1Issuer'),
  'keda.sh/v1alpha1/ScaledObject': crd('keda', 'ComGithubKedacoreKedaV2ApisKedaV1alpha1ScaledObject'),
  'monitoring.coreos.com/v1/PodMonitor':
    crd('prometheus-operator', 'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1PodMonitor'),
  'monitoring.coreos.com/v1/PrometheusRule':
    crd('prometheus-operator', 'ComGithubPrometheusOperatorPrometheusOperatorPkgApisMonitoringV1PrometheusRule'),
};

// CloudNativePG publishes no schema on npm. These are the fields of its Cluster that we use, by its API reference: what
// is not here is refused, whether CloudNativePG knows it or not.
const own = {
  'postgresql.cnpg.io/v1/Cluster': {
    apiVersion: 'string', kind: 'string', metadata: { name: 'string', namespace: 'string', labels: '*' },
    spec: {
      instances: 'number', imageName: 'string', inheritedMetadata: { labels: '*' },
      bootstrap: { initdb: { database: 'string', owner: 'string' } },
      postgresql: { synchronous: { method: ['any', 'first'], number: 'number' }, pg_hba: '*', parameters: '*' },
      storage: { size: 'string' }, resources: { requests: '*', limits: '*' },
      affinity: {
        enablePodAntiAffinity: 'boolean', topologyKey: 'string', podAntiAffinityType: ['preferred', 'required'],
      },
    },
  },
};

/// `value` as it is, noting in `asked` which of its objects' fields are asked for.
function observed(value, asked) {
  if (value === null || typeof value !== 'object') return value;
  const entry = { fields: new Set(), listed: false };
  asked.set(value, entry);
  const children = new Map();
  return new Proxy(value, {
    get(target, field) {
      entry.fields.add(field);
      const child = target[field];
      if (child === null || typeof child !== 'object') return child;
      if (!children.has(field)) children.set(field, observed(child, asked));
      return children.get(field);
    },
    has(target, field) {
      entry.fields.add(field);
      return field in target;
    },
    ownKeys(target) {
      entry.listed = true;
      return Reflect.ownKeys(target);
    },
  });
}

function unknownFields(value, path, asked) {
  if (value === null || typeof value !== 'object') return [];
  const entry = asked.get(value);
  if (entry === undefined) return []; // Nobody looked.
  const strict = !Array.isArray(value) && !entry.listed && entry.fields.size > 0;
  return Object.entries(value).flatMap(([field, child]) =>
    strict && !entry.fields.has(field)
      ? [`${path}/${field}: unknown field`]
      : unknownFields(child, `${path}/${field}`, asked));
}

function againstOwn(value, schema, path) {
  if (schema === '*') return [];
  if (Array.isArray(schema)) return schema.includes(value) ? [] : [`${path}: must be one of ${schema}`];
  if (typeof schema === 'string') return typeof value === schema ? [] : [`${path}: must be a ${schema}`];
  if (value === null || typeof value !== 'object') return [`${path}: must be an object`];
  return Object.entries(value).flatMap(([field, child]) =>
    field in schema ? againstOwn(child, schema[field], `${path}/${field}`) : [`${path}/${field}: unknown field`]);
}

export function nameOf(object) {
  return `${object?.kind} ${object?.metadata?.name}`;
}

/// What is wrong with `object`, one string for each fault.
export async function faultsOfSchema(object) {
  const kind = `${object.apiVersion}/${object.kind}`;
  const name = nameOf(object);
  if (own[kind] !== undefined) return againstOwn(object, own[kind], '').map((fault) => `${name} ${fault}`);
  if (schemas[kind] === undefined) return [`${name}: there is no schema for ${kind}`];
  const { validate } = await import(new URL(`${schemas[kind]}.js`, modules));
  const asked = new Map();
  const valid = validate(observed(object, asked));
  const faults = valid ? [] : validate.errors.map(({ instancePath, message, keyword, params }) =>
    `${name} ${instancePath}: ${message ?? keyword} ${JSON.stringify(params)}`);
  return [...faults, ...unknownFields(object, '', asked).map((fault) => `${name} ${fault}`)];
}
