// For each rule of policy.mjs: overlays, and what to change in them so that the rule must find a fault.

const container = (object) => object.spec.template.spec.containers[0];
const pod = (object) => object.spec.template.spec;
const without = (objects, kind, end = '') => {
  const at = objects.findIndex((object) => object.kind === kind && object.metadata.name.endsWith(end));
  if (at < 0) throw new Error(`there is no ${kind} ...${end}`);
  objects.splice(at, 1);
};
const flags = (objects, service) =>
  objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith(`aislewatch-${service}-flags`)).data;
const policy = (objects, name) => objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name).spec;

export const breaks = {
  imagesHaveAVersion: [
    ['trial', (find) => { container(find('Deployment', '-pose')).image = 'aislewatch/pose:latest'; }],
    ['trial', (find) => { container(find('Job', '-migration')).image = 'aislewatch/events'; }],
  ],
  containersHaveRequestsAndLimits: [
    ['cpu', (find) => { delete container(find('Deployment', '-pose')).resources.limits.memory; }],
    ['cpu', (find) => { delete container(find('Job', '-migration')).resources; }],
  ],
  containersHaveProbes: [['trial', (find) => { delete container(find('StatefulSet', '-postgres')).livenessProbe; }]],
  probesAskForTheHealthServed: [
    ['cpu', (find) => { container(find('Deployment', '-pose')).readinessProbe.grpc.service = 'ready'; }],
    ['cpu', (find) => { container(find('StatefulSet', '-ingest')).livenessProbe.grpc.port = 50051; }],
  ],
  podsAreRestricted: [
    ['gpu', (find) => { delete pod(find('Deployment', '-pose')).securityContext.runAsNonRoot; }],
    ['gpu', (find) => { pod(find('Deployment', '-pose')).securityContext.runAsUser = 0; }],
    ['gpu', (find) => { pod(find('Deployment', '-pose')).volumes.push({ name: 'dev', hostPath: { path: '/dev' } }); }],
    ['gpu', (find) => { container(find('Job', '-migration')).securityContext.capabilities.add = ['NET_ADMIN']; }],
    ['gpu', (find) => { container(find('Deployment', '-pose')).ports[0].hostPort = 50052; }],
  ],
  namespacesEnforceRestricted: [['cpu', (find) => { find('Namespace', '').metadata.labels = {}; }]],
  rootIsReadOnly: [['cpu', (find) => { container(find('Deployment', '-events')).securityContext.readOnlyRootFilesystem = false; }]],
  whatIsWrittenLiesOnAVolume: [
    ['trial', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_OUTBOX = '/tmp/outbox.sqlite'; }],
    ['cpu', (find) => { container(find('StatefulSet', '-ingest')).volumeMounts = []; }],
  ],
  noServiceAccountTokens: [
    ['cpu', (find) => { delete find('ServiceAccount', '-pose').automountServiceAccountToken; }],
    ['cpu', (find) => { pod(find('Deployment', '-pose')).automountServiceAccountToken = true; }],
    ['cpu', (find, objects) => { without(objects, 'ServiceAccount', '-events'); }],
  ],
  noServiceLinks: [['cpu', (find) => { delete pod(find('Deployment', '-pose')).enableServiceLinks; }]],
  replicatedWorkloadsHaveABudget: [
    ['cpu', (find, objects) => { without(objects, 'PodDisruptionBudget', '-ingest'); }],
    ['cpu', (find) => { delete find('PodDisruptionBudget', '-pose').spec.selector; }],
  ],
  budgetsLetNodesDrain: [['cpu', (find) => { find('PodDisruptionBudget', '-pose').spec.maxUnavailable = 0; }]],
  drainsEndWithinTheGracePeriod: [
    ['cpu', (find) => { pod(find('StatefulSet', '-ingest')).terminationGracePeriodSeconds = 20; }],
    ['cpu', (find, objects) => { flags(objects, 'pose').AISLEWATCH_POSE_DRAIN_DEADLINE = '1m'; }],
    ['cpu', (find, objects) => { delete flags(objects, 'pose').AISLEWATCH_POSE_DRAIN_DEADLINE; }],
    ['cpu', (find) => { delete container(find('Deployment', '-pose')).lifecycle; }],
  ],
  camerasStopBeforeTheirLeasesEnd: [
    ['cpu', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_DRAIN_DEADLINE = '20s'; }],
    ['cpu', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_LEASE_DURATION = '5s'; }],
  ],
  servicesAreHeadless: [['trial', (find) => { delete find('Service', '-pose').spec.clusterIP; }]],
  servicesReachPods: [
    ['trial', (find) => { find('Service', '-pose').spec.selector = { app: 'pose' }; }],
    ['trial', (find) => { find('Service', '-pose').spec.ports[0].targetPort = 'http'; }],
    ['trial', (find) => { find('Service', '-pose').spec.ports[0].port = 80; }],
  ],
  portsAreThoseOfTheFlags: [
    ['cpu', (find, objects) => { flags(objects, 'fusion').AISLEWATCH_FUSION_METRICS_LISTEN = '0.0.0.0:9090'; }],
    ['cpu', (find, objects) => { delete flags(objects, 'fusion').AISLEWATCH_FUSION_HEALTH_LISTEN; }],
  ],
  dialledAddressesExist: [
    ['cpu', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_POSE = 'dns:///aislewatch-pose:50053'; }],
    ['cpu', (find, objects) => { without(objects, 'Service', '-fusion'); }],
  ],
  gatewayDialsItsServices: [['cpu', (find, objects) => { delete flags(objects, 'gateway').AISLEWATCH_GATEWAY_INGEST; }]],
  gatewayAsksWhoCalls: [['cpu', (find, objects) => { flags(objects, 'gateway').AISLEWATCH_GATEWAY_ALLOW_ANONYMOUS = 'true'; }]],
  gatewayScrapesMetricsPorts: [
    ['cpu', (find, objects) => { flags(objects, 'gateway').AISLEWATCH_GATEWAY_SERVICE = 'pose=aislewatch-pose:9093'; }],
    ['cpu', (find, objects) => { flags(objects, 'gateway').AISLEWATCH_GATEWAY_SERVICE = 'stage=aislewatch-stage:9092'; }],
    ['cpu', (find, objects) => { policy(objects, 'gateway').egress.pop(); }],
    ['cpu', (find, objects) => { policy(objects, 'metrics').ingress[0].from.pop(); }],
  ],
  credentialsAreAskedForAndShown: [
    ['cpu', (find, objects) => { delete flags(objects, 'ingest').AISLEWATCH_INGEST_EVENTS_TOKEN_FILE; }],
    ['cpu', (find, objects) => { delete flags(objects, 'events').AISLEWATCH_EVENTS_REQUIRE_CREDENTIALS; }],
    ['cpu', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_EVENTS_TOKEN_FILE = '/tmp/token'; }],
  ],
  gatewayServesHttpsWithTls: [
    ['cpu', (find, objects) => { delete flags(objects, 'gateway').AISLEWATCH_GATEWAY_HTTP_CERTIFICATE; }],
    ['cpu', (find, objects) => { flags(objects, 'gateway').AISLEWATCH_GATEWAY_HTTP_KEY = '/tls.key'; }],
  ],
  ingressesReachTheGatewayByTls: [
    ['cpu', (find) => { find('Ingress', '-gateway').spec.tls = []; }],
    ['cpu', (find) => { find('Ingress', '-gateway').spec.tls[0].hosts = ['other.example.com']; }],
    ['cpu', (find) => { delete find('Ingress', '-gateway').metadata.annotations['cert-manager.io/cluster-issuer']; }],
    ['cpu', (find) => { delete find('Ingress', '-gateway').metadata.annotations['nginx.ingress.kubernetes.io/backend-protocol']; }],
    ['cpu', (find) => { find('Ingress', '-gateway').spec.rules[0].http.paths[0].backend.service.port = { number: 80 }; }],
    ['cpu', (find, objects) => { delete flags(objects, 'gateway').AISLEWATCH_GATEWAY_TRUSTED_PROXIES; }],
    ['cpu', (find, objects) => { policy(objects, 'gateway').ingress[0].from.shift(); }],
  ],
  webhooksReachTheInternetAlone: [
    ['cpu', (find, objects) => { policy(objects, 'webhooks').egress[0].to[0].ipBlock.except.shift(); }],
    ['cpu', (find, objects) => { delete policy(objects, 'webhooks').egress[0].to; }],
    ['cpu', (find, objects) => { policy(objects, 'webhooks').egress[0].ports.push({ protocol: 'TCP', port: 5432 }); }],
  ],
  ingestDialsEveryService: [['cpu', (find, objects) => { flags(objects, 'ingest').AISLEWATCH_INGEST_POSE = 'aislewatch-pose:50052'; }]],
  secretsAreReferences: [
    ['trial', (find) => { container(find('Deployment', '-ingest')).env.push({ name: 'AISLEWATCH_INGEST_EVENTS_TOKEN', value: 'x' }); }],
    ['trial', (find, objects) => { objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }); }],
    ['trial', (find) => { container(find('Deployment', '-events')).env[0].value = 'postgresql://a:b@db/aislewatch'; }],
    ['trial', (find) => { container(find('StatefulSet', '-postgres')).env[2] = { name: 'POSTGRES_PASSWORD', value: 'x' }; }],
  ],
  referencedConfigMapsExist: [['cpu', (find, objects) => { without(objects, 'ConfigMap'); }]],
  mountsHaveVolumes: [
    ['trial', (find) => { pod(find('Deployment', '-ingest')).volumes = []; }],
    ['gpu', (find) => { container(find('Deployment', '-pose')).volumeMounts.pop(); }],
  ],
  tlsIsWholeOrAbsent: [
    ['cpu', (find, objects) => { delete flags(objects, 'fusion').AISLEWATCH_FUSION_TLS_CA; }],
    ['cpu', (find, objects) => { delete flags(objects, 'ingest').AISLEWATCH_INGEST_DIAL_TLS_KEY; }],
    ['cpu', (find) => { find('Certificate', '-pose').spec.dnsNames = ['pose']; }],
    ['cpu', (find) => { find('Certificate', '-ingest').spec.usages = ['server auth']; }],
  ],
  databaseIsReachedByTls: [
    ['cpu', (find) => { delete find('Cluster', '-postgres').spec.postgresql.pg_hba; }],
    ['cpu', (find) => { container(find('Deployment', '-events')).env.find(({ name }) => name === 'PGSSLMODE').value = 'require'; }],
    ['cpu', (find) => { container(find('Job', '-migration')).env = container(find('Job', '-migration')).env.slice(0, 1); }],
    ['cpu', (find) => { pod(find('Deployment', '-events')).volumes.find(({ name }) => name === 'postgres-ca').secret.secretName = 'ca'; }],
    ['cpu', (find) => { delete pod(find('Deployment', '-events')).volumes.find(({ name }) => name === 'postgres-ca').secret.items; }],
  ],
  policiesAllowTheHops: [
    ['cpu', (find, objects) => { without(objects, 'NetworkPolicy', 'default-deny'); }],
    ['cpu', (find, objects) => { without(objects, 'NetworkPolicy', 'pose'); }],
    ['cpu', (find, objects) => { policy(objects, 'ingest').egress.shift(); }],
    ['cpu', (find, objects) => { policy(objects, 'fusion').ingress[0].from[0].podSelector.matchLabels = {}; }],
  ],
  databaseIsReached: [
    ['cpu', (find, objects) => { without(objects, 'NetworkPolicy', 'migration'); }],
    ['cpu', (find, objects) => { policy(objects, 'postgres').ingress[0].from.pop(); }],
  ],
  autoscalersHaveTargets: [
    ['cpu', (find) => { find('HorizontalPodAutoscaler', '-ingest').spec.scaleTargetRef.kind = 'Deployment'; }],
    ['gpu', (find) => { find('Deployment', '-pose').spec.replicas = 2; }],
    ['gpu', (find) => { find('ScaledObject', '-pose').spec.minReplicaCount = 0; }],
  ],
  podsArePartOfAislewatch: [['cpu', (find) => { find('Job', '-migration').spec.template.metadata.labels = {}; }]],
  metricsPortsAreScraped: [
    ['cpu', (find) => { find('PodMonitor', '').spec.podMetricsEndpoints[0].port = 'http'; }],
    ['cpu', (find) => { find('PodMonitor', '').spec.selector.matchLabels = { app: 'aislewatch' }; }],
  ],
  everythingIsInOneNamespace: [['cpu', (find) => { delete find('Service', '-pose').metadata.namespace; }]],
  gpusAreAskedForAlike: [
    ['gpu', (find) => { delete container(find('Deployment', '-pose')).resources.limits['nvidia.com/gpu']; }],
    ['gpu', (find) => { pod(find('Deployment', '-pose')).tolerations = []; }],
  ],
};
