// Our own rules for manifests. Each takes all objects of an overlay and returns its faults as strings.

import { nameOf } from './schema.mjs';

const partOf = 'app.kubernetes.io/part-of';
const ofKind = (objects, ...kinds) => objects.filter(({ kind }) => kinds.includes(kind));

/// Objects that make pods, with what the rules look at.
export function workloads(objects) {
  return ofKind(objects, 'Deployment', 'StatefulSet', 'DaemonSet', 'Job').map((object) => {
    const { metadata, spec } = object.spec.template;
    return { object, name: nameOf(object), labels: metadata.labels ?? {}, pod: spec,
             containers: [...(spec.initContainers ?? []), ...spec.containers] };
  });
}

const services = (objects) => workloads(objects).filter(({ object }) => object.kind !== 'Job');
// No selector selects nothing, an empty one everything.
const matches = (selector, labels) =>
  selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);

/// The environment of a container, of its ConfigMaps and its own; secrets and fields of the pod are null.
export function environment(objects, container) {
  const variables = {};
  for (const { configMapRef } of container.envFrom ?? []) {
    const map = ofKind(objects, 'ConfigMap').find(({ metadata }) => metadata.name === configMapRef?.name);
    Object.assign(variables, map?.data);
  }
  for (const { name, value } of container.env ?? []) variables[name] = value ?? null;
  return variables;
}

/// "pose" of a container that runs aislewatch-pose, else undefined.
export function program(container) {
  return /^aislewatch-(\w+)$/.exec(container.command?.[0] ?? '')?.[1];
}

const flag = (objects, container, name) =>
  environment(objects, container)[`AISLEWATCH_${program(container)?.toUpperCase()}_${name}`];

export function seconds(duration) {
  const units = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...duration.matchAll(/([\d.]+)(h|ms|m|s)/g)].reduce((sum, [, value, unit]) => sum + value * units[unit], 0);
}

function eachContainer(objects, faultsOf) {
  return workloads(objects).flatMap((workload) => workload.containers.flatMap((container) =>
    faultsOf(container, workload).map((fault) => `${workload.name}, container ${container.name}: ${fault}`)));
}

const when = (condition, fault) => (condition ? [fault] : []);

const dials = (objects) => services(objects).flatMap(({ labels, containers }) => containers.flatMap((container) =>
  Object.entries(environment(objects, container))
    .filter(([name, value]) => program(container) && value !== null && /^dns:\/\/\//.test(value) && name)
    .map(([name, value]) => {
      const [, host, port] = /^dns:\/\/\/(.*):(\d+)$/.exec(value) ?? [];
      return { from: labels, variable: name, host, port: Number(port) };
    })));

const portNumber = (container, port) =>
  (container.ports ?? []).find(({ name, containerPort }) => name === port || containerPort === port)?.containerPort;

// Whether `policies` let a pod with `labels` talk to one with `peer` on `port` of `container`, in `direction`.
function allowed(policies, direction, labels, peer, port, container) {
  const type = direction === 'egress' ? 'Egress' : 'Ingress';
  const mine = policies.filter(({ spec }) => spec.policyTypes.includes(type) && matches(spec.podSelector.matchLabels ?? {}, labels));
  return mine.some(({ spec }) => (spec[direction] ?? []).some((rule) =>
    (rule.to ?? rule.from ?? []).some(({ podSelector, namespaceSelector }) =>
      podSelector !== undefined && namespaceSelector === undefined && matches(podSelector.matchLabels ?? {}, peer))
    && rule.ports.some((entry) => portNumber(container, entry.port) === port)));
}

export const rules = {
  imagesHaveAVersion: (objects) => eachContainer(objects, ({ image }) =>
    when(!/(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image) || image.endsWith(':latest'), `image ${image} has no version`)),

  containersHaveRequestsAndLimits: (objects) => eachContainer(objects, ({ resources }) =>
    ['requests', 'limits'].flatMap((kind) => ['cpu', 'memory'].flatMap((what) =>
      when(resources?.[kind]?.[what] === undefined, `no ${kind} of ${what}`)))),

  containersHaveProbes: (objects) => services(objects).flatMap(({ name, containers }) => containers.flatMap((container) =>
    ['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((probe) =>
      when(container[probe] === undefined, `${name}, container ${container.name}: no ${probe}`)))),

  probesAskForTheHealthServed: (objects) => services(objects).flatMap(({ name, containers }) => containers
    .filter(program).flatMap((container) => Object.entries({
      startupProbe: 'liveness', readinessProbe: 'readiness', livenessProbe: 'liveness',
    }).flatMap(([probe, service]) => [
      ...when(container[probe]?.grpc?.service !== service, `${name}: ${probe} does not ask for ${service}`),
      ...when(container[probe]?.grpc?.port !== portNumber(container, 'health'), `${name}: ${probe} asks another port than health`),
    ]))),

  podsAreRestricted: (objects) => workloads(objects).flatMap(({ name, pod, containers }) => [
    ...when(pod.hostNetwork || pod.hostPID || pod.hostIPC, `${name}: uses the host's namespaces`),
    ...when(pod.securityContext?.runAsNonRoot !== true, `${name}: may run as root`),
    ...when(!(pod.securityContext?.runAsUser > 0), `${name}: names no user other than root`),
    ...when(pod.securityContext?.seccompProfile?.type !== 'RuntimeDefault', `${name}: no seccomp profile`),
    ...(pod.volumes ?? []).flatMap((volume) => when(
      !['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'ephemeral', 'projected', 'downwardAPI', 'csi']
        .some((kind) => kind in volume), `${name}: volume ${volume.name} is of a kind that is not allowed`)),
    ...containers.flatMap(({ name: container, securityContext, ports }) => [
      ...when(securityContext?.allowPrivilegeEscalation !== false, `${name}, ${container}: may gain privileges`),
      ...when(securityContext?.privileged === true, `${name}, ${container}: is privileged`),
      ...when(securityContext?.runAsNonRoot === false || securityContext?.runAsUser === 0, `${name}, ${container}: runs as root`),
      ...when(!securityContext?.capabilities?.drop?.includes('ALL') || securityContext.capabilities.add !== undefined,
              `${name}, ${container}: keeps capabilities`),
      ...when((ports ?? []).some(({ hostPort }) => hostPort !== undefined), `${name}, ${container}: takes a host's port`),
    ]),
  ]),

  namespacesEnforceRestricted: (objects) => ofKind(objects, 'Namespace').flatMap(({ metadata }) =>
    when(metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted', `Namespace ${metadata.name}: not restricted`)),

  rootIsReadOnly: (objects) => eachContainer(objects, ({ securityContext }) =>
    when(securityContext?.readOnlyRootFilesystem !== true, 'writes to its root file system')),

  whatIsWrittenLiesOnAVolume: (objects) => eachContainer(objects, (container) => {
    const outbox = flag(objects, container, 'OUTBOX');
    return when(outbox && !(container.volumeMounts ?? []).some(({ mountPath, readOnly }) =>
      !readOnly && outbox.startsWith(`${mountPath}/`)), `${outbox} lies on no volume`);
  }),

  noServiceAccountTokens: (objects) => [
    ...ofKind(objects, 'ServiceAccount').flatMap((object) =>
      when(object.automountServiceAccountToken !== false, `${nameOf(object)}: its token is mounted`)),
    ...workloads(objects).flatMap(({ name, pod }) => [
      ...when(pod.automountServiceAccountToken !== false, `${name}: mounts a token`),
      ...when(!ofKind(objects, 'ServiceAccount').some(({ metadata }) => metadata.name === pod.serviceAccountName),
              `${name}: there is no ServiceAccount ${pod.serviceAccountName}`),
    ]),
  ],

  noServiceLinks: (objects) => workloads(objects).flatMap(({ name, pod }) =>
    when(pod.enableServiceLinks !== false, `${name}: Services' variables may be taken for flags`)),

  replicatedWorkloadsHaveABudget: (objects) => services(objects).flatMap(({ object, name, labels }) => when(
    object.spec.replicas !== 1
      && !ofKind(objects, 'PodDisruptionBudget').some(({ spec }) => matches(spec.selector?.matchLabels, labels)),
    `${name}: no PodDisruptionBudget`)),

  budgetsLetNodesDrain: (objects) => ofKind(objects, 'PodDisruptionBudget').flatMap((object) =>
    when(!(object.spec.maxUnavailable >= 1), `${nameOf(object)}: may block a node's drain for ever`)),

  drainsEndWithinTheGracePeriod: (objects) => services(objects).flatMap(({ name, pod, containers }) => containers
    .filter(program).flatMap((container) => {
      const drain = flag(objects, container, 'DRAIN_DEADLINE');
      if (drain === undefined) return [`${name}: DRAIN_DEADLINE is not said`];
      const needed = (container.lifecycle?.preStop?.sleep?.seconds ?? 0) + seconds(drain) + 5;
      return [
        ...when(pod.terminationGracePeriodSeconds < needed,
                `${name}: needs ${needed} s to end and gets ${pod.terminationGracePeriodSeconds}`),
        ...when(!(container.lifecycle?.preStop?.sleep?.seconds > 0), `${name}: ends before DNS forgets it`),
      ];
    })),

  // A lease lasts 8 s, and half of the drain less a second goes to frames of leased cameras (services/ingest/app.cc).
  camerasStopBeforeTheirLeasesEnd: (objects) => eachContainer(objects, (container) => {
    if (program(container) !== 'ingest') return [];
    const lease = seconds(flag(objects, container, 'LEASE_DURATION') ?? '8s');
    const frames = (seconds(flag(objects, container, 'DRAIN_DEADLINE') ?? '10s') - 1) / 2;
    return when(frames >= lease, `a drain may run cameras for ${frames} s, and a lease lasts ${lease} s`);
  }),

  // Those of gRPC: requests over HTTP/1 are balanced one by one.
  servicesAreHeadless: (objects) => ofKind(objects, 'Service').filter(({ spec }) => !spec.ports.every(({ name }) => name === 'http')).flatMap((object) =>
    when(object.spec.clusterIP !== 'None', `${nameOf(object)}: a virtual IP pins every stream of a client to one replica`)),

  servicesReachPods: (objects) => ofKind(objects, 'Service').flatMap((object) => {
    const behind = services(objects).filter(({ labels }) => matches(object.spec.selector, labels));
    if (behind.length === 0) return [`${nameOf(object)}: selects no pods`];
    // Who resolves a headless Service dials the pod itself, so its port is the container's.
    return object.spec.ports.flatMap(({ name, port, targetPort }) => when(
      !behind.every(({ containers }) => containers.some((container) => portNumber(container, targetPort) === port)),
      `${nameOf(object)}: port ${name} is not the container's`));
  }),

  portsAreThoseOfTheFlags: (objects) => services(objects).flatMap(({ name, containers }) => containers
    .filter(program).flatMap((container) => Object.entries({
      grpc: 'LISTEN', metrics: 'METRICS_LISTEN', health: 'HEALTH_LISTEN',
    }).flatMap(([port, variable]) => when(
      flag(objects, container, variable) !== `0.0.0.0:${portNumber(container, port)}`,
      `${name}: port ${port} is not that of ${variable}`)))),

  dialledAddressesExist: (objects) => dials(objects).flatMap(({ variable, host, port }) => when(
    !ofKind(objects, 'Service').some(({ metadata, spec }) =>
      metadata.name === host && spec.ports.some((entry) => entry.port === port)),
    `${variable}: there is no Service ${host} with port ${port}`)),

  gatewayDialsItsServices: (objects) => eachContainer(objects, (container) => program(container) !== 'gateway' ? []
    : ['EVENTS', 'INGEST'].flatMap((variable) =>
      when(!/^dns:\/\/\//.test(flag(objects, container, variable) ?? ''), `${variable} is no dns:/// address`))),

  // Whoever reaches it may do everything then.
  gatewayAsksWhoCalls: (objects) => eachContainer(objects, (container) => program(container) !== 'gateway' ? []
    : ['ALLOW_ANONYMOUS', 'INSECURE_COOKIES'].flatMap((variable) =>
      when(flag(objects, container, variable) !== undefined, `${variable} is for trials on one machine`))),

  // The page "System" asks every replica of each.
  gatewayScrapesMetricsPorts: (objects) => eachContainer(objects, (container, { labels }) => {
    const policies = ofKind(objects, 'NetworkPolicy');
    return (flag(objects, container, 'SERVICE') ?? '').split(',').filter((entry) => program(container) === 'gateway' && entry).flatMap((entry) => {
      const [, host, port] = /^\w+=([\w-]+):(\d+)$/.exec(entry) ?? [];
      const service = ofKind(objects, 'Service').find(({ metadata, spec }) => metadata.name === host && spec.clusterIP === 'None');
      const behind = services(objects).find((one) => service && matches(service.spec.selector, one.labels));
      const target = behind?.containers[0];
      if (!target || portNumber(target, 'metrics') !== Number(port)) return [`SERVICE: ${entry} is nobody's port with metrics`];
      return when(policies.length > 0 && !(allowed(policies, 'egress', labels, behind.labels, Number(port), target)
        && allowed(policies, 'ingress', behind.labels, labels, Number(port), target)), `NetworkPolicy: cannot reach ${entry}`);
    });
  }),

  // Event storage asks for credentials exactly where ingest has some, in a Secret's file.
  credentialsAreAskedForAndShown: (objects) => {
    const of = (name) => services(objects).find(({ containers }) => containers.some((one) => program(one) === name));
    const [events, ingest] = [of('events'), of('ingest')];
    const asked = flag(objects, events.containers[0], 'REQUIRE_CREDENTIALS') === 'true';
    const file = flag(objects, ingest.containers[0], 'EVENTS_TOKEN_FILE');
    const mount = (ingest.containers[0].volumeMounts ?? []).find(({ mountPath }) => file?.startsWith(`${mountPath}/`));
    const volume = (ingest.pod.volumes ?? []).find(({ name }) => name === mount?.name);
    return [
      ...when(asked && file === undefined, 'event storage asks for credentials and ingest has none'),
      ...when(!asked && file !== undefined, 'ingest has a token that nobody asks for'),
      ...when(file !== undefined && volume?.secret === undefined, `${file} lies in no Secret`),
    ];
  },

  // Passwords come in: HTTPS up to the pod where there are certificates, and TLS at the Ingress in any case.
  gatewayServesHttpsWithTls: (objects) => ofKind(objects, 'Certificate').length === 0 ? [] : eachContainer(objects, (container) =>
    program(container) !== 'gateway' ? [] : Object.entries({ CERTIFICATE: 'tls.crt', KEY: 'tls.key' }).flatMap(([variable, file]) => {
      const folder = (container.volumeMounts ?? []).find(({ name }) => name === 'tls')?.mountPath;
      return when(flag(objects, container, `HTTP_${variable}`) !== `${folder}/${file}`, `HTTP_${variable} is not the mounted ${file}`);
    })),

  ingressesReachTheGatewayByTls: (objects) => ofKind(objects, 'Ingress').flatMap((object) => {
    const { tls = [], rules: hosts } = object.spec;
    const annotations = object.metadata.annotations ?? {};
    const covered = tls.filter(({ secretName }) => secretName).flatMap((entry) => entry.hosts);
    const gateway = services(objects).find(({ containers }) => containers.some((one) => program(one) === 'gateway'));
    const container = gateway.containers[0];
    const https = flag(objects, container, 'HTTP_CERTIFICATE') !== undefined;
    const policies = ofKind(objects, 'NetworkPolicy');
    const open = policies.length === 0 || policies.some(({ spec }) => matches(spec.podSelector.matchLabels, gateway.labels)
      && (spec.ingress ?? []).some(({ from, ports }) => from.some(({ namespaceSelector }) =>
        namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'ingress-nginx')
        && ports.some(({ port }) => portNumber(container, port) === portNumber(container, 'http'))));
    return [
      ...hosts.flatMap(({ host }) => when(!covered.includes(host), `${nameOf(object)}: ${host} has no certificate`)),
      ...when(!annotations['cert-manager.io/cluster-issuer'] && !annotations['cert-manager.io/issuer'], `${nameOf(object)}: nobody issues its certificate`),
      ...when(https !== (annotations['nginx.ingress.kubernetes.io/backend-protocol'] === 'HTTPS'),
              `${nameOf(object)}: the gateway speaks ${https ? 'HTTPS' : 'plain HTTP'}`),
      ...hosts.flatMap(({ http }) => http.paths).flatMap(({ backend: { service } }) => when(
        !ofKind(objects, 'Service').some(({ metadata, spec }) => metadata.name === service.name
          && spec.ports.some(({ name, port }) => name === service.port.name || port === service.port.number)),
        `${nameOf(object)}: there is no Service ${service.name} with that port`)),
      ...when(flag(objects, container, 'TRUSTED_PROXIES') === undefined, `${nameOf(object)}: all clients share its address' limits`),
      ...when(!open, `NetworkPolicy: ingress-nginx cannot reach ${gateway.name}`),
    ];
  }),

  // Event storage refuses private addresses; whoever takes it over must not reach them either.
  webhooksReachTheInternetAlone: (objects) => ofKind(objects, 'NetworkPolicy').filter(({ spec }) =>
    matches(spec.podSelector.matchLabels, { 'app.kubernetes.io/name': 'aislewatch-events', [partOf]: 'aislewatch' })
      && Object.keys(spec.podSelector).length > 0)
    .flatMap((object) => (object.spec.egress ?? []).flatMap(({ to = [{}], ports = [{}] }) => to.filter(({ podSelector }) => !podSelector).flatMap(({ ipBlock }) => [
      ...['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'].flatMap((network) =>
        when(!ipBlock?.except?.includes(network), `${nameOf(object)}: lets event storage reach ${network}`)),
      ...when(ports.some(({ port }) => port !== 443), `${nameOf(object)}: lets event storage reach other ports than 443`),
    ]))),

  ingestDialsEveryService: (objects) => eachContainer(objects, (container) => program(container) !== 'ingest' ? []
    : ['POSE', 'CLASSIFIER', 'FUSION', 'EVENTS'].flatMap((variable) =>
      when(!/^dns:\/\/\//.test(flag(objects, container, variable) ?? ''), `${variable} is no dns:/// address`))),

  secretsAreReferences: (objects) => [
    ...ofKind(objects, 'Secret').map((object) => `${nameOf(object)}: a Secret among the manifests`),
    ...eachContainer(objects, (container) => Object.entries(environment(objects, container)).flatMap(([name, value]) =>
      when(value !== null && (/password=|:\/\/[^/\s]+:[^/\s]+@/i.test(value) || /(PASSWORD|TOKEN|SECRET)(?!.*_FILE$)/.test(name)),
           `${name} holds a secret`))),
  ],

  referencedConfigMapsExist: (objects) => eachContainer(objects, ({ envFrom }) => (envFrom ?? []).flatMap(({ configMapRef }) =>
    when(!ofKind(objects, 'ConfigMap').some(({ metadata }) => metadata.name === configMapRef?.name),
         `there is no ConfigMap ${configMapRef?.name}`))),

  mountsHaveVolumes: (objects) => workloads(objects).flatMap(({ object, name, pod, containers }) => {
    const volumes = [...(pod.volumes ?? []).map((volume) => volume.name),
                     ...(object.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name)];
    const mounts = containers.flatMap(({ volumeMounts }) => volumeMounts ?? []).map((mount) => mount.name);
    return [...mounts.filter((mount) => !volumes.includes(mount)).map((mount) => `${name}: no volume ${mount}`),
            ...volumes.filter((volume) => !mounts.includes(volume)).map((volume) => `${name}: volume ${volume} is mounted nowhere`)];
  }),

  // Where one service has a certificate, all do, by files of a Secret that cert-manager makes, for the dialled name.
  tlsIsWholeOrAbsent: (objects) => {
    const certificates = ofKind(objects, 'Certificate');
    if (certificates.length === 0) return [];
    return services(objects).flatMap(({ name, labels, pod, containers }) => containers.filter(program).flatMap((container) => {
      const folder = (container.volumeMounts ?? []).find((mount) => mount.name === 'tls')?.mountPath;
      const secret = (pod.volumes ?? []).find((volume) => volume.name === 'tls')?.secret?.secretName;
      const certificate = certificates.find(({ spec }) => spec.secretName === secret);
      const kinds = ['ingest', 'gateway'].includes(program(container)) ? ['TLS', 'DIAL_TLS'] : ['TLS'];
      return [
        ...kinds.flatMap((kind) => Object.entries({ CA: 'ca.crt', CERTIFICATE: 'tls.crt', KEY: 'tls.key' }).flatMap(
          ([variable, file]) => when(flag(objects, container, `${kind}_${variable}`) !== `${folder}/${file}`,
                                     `${name}: ${kind}_${variable} is not the mounted ${file}`))),
        ...when(!certificate?.spec.dnsNames?.includes(labels['app.kubernetes.io/name']), `${name}: no certificate for its name`),
        ...when(!certificate?.spec.usages?.includes('server auth'), `${name}: its certificate is not a server's`),
        ...when(kinds.length > 1 && !certificate?.spec.usages?.includes('client auth'), `${name}: its certificate is not a client's`),
      ];
    }));
  },

  // Where CloudNativePG makes certificates, whoever has the connection string checks the server's, without its key, and the
  // server takes nobody in clear.
  databaseIsReachedByTls: (objects) => ofKind(objects, 'Cluster').flatMap((cluster) => {
    const { name } = cluster.metadata;
    const [firstRule] = cluster.spec.postgresql?.pg_hba ?? [];
    return [
      ...when(firstRule !== 'hostnossl all all all reject', `${nameOf(cluster)}: takes connections in clear`),
      ...workloads(objects).flatMap((workload) => workload.containers.filter(({ env }) => (env ?? []).some(({ valueFrom }) =>
        valueFrom?.secretKeyRef?.name === `${name}-app`)).flatMap((container) => {
        const { PGSSLMODE: mode, PGSSLROOTCERT: file } = environment(objects, container);
        const mount = (container.volumeMounts ?? []).find(({ mountPath }) => file === `${mountPath}/ca.crt`);
        const secret = (workload.pod.volumes ?? []).find((volume) => volume.name === mount?.name)?.secret;
        return [
          ...when(mode !== 'verify-full', `${workload.name}: does not check PostgreSQL's certificate and name`),
          ...when(secret?.secretName !== `${name}-ca`, `${workload.name}: PGSSLROOTCERT is not the mounted ca.crt of ${name}-ca`),
          ...when(secret && (secret.items ?? [{}]).some(({ key }) => key !== 'ca.crt'), `${workload.name}: gets the authority's key`),
        ];
      })),
    ];
  }),

  // With policies: a default deny, and a way in and out for exactly the hops that flags name.
  policiesAllowTheHops: (objects) => {
    const policies = ofKind(objects, 'NetworkPolicy');
    if (policies.length === 0) return [];
    const deny = policies.some(({ spec }) => Object.keys(spec.podSelector).length === 0 && spec.policyTypes.length === 2
      && spec.ingress === undefined && spec.egress === undefined);
    const hops = dials(objects);
    const ours = services(objects).filter(({ containers }) => containers.some(program));
    return [
      ...when(!deny, 'NetworkPolicy: no default deny'),
      ...ours.flatMap((from) => ours.filter((to) => to !== from).flatMap((to) => {
        const [container] = to.containers;
        const host = to.labels['app.kubernetes.io/name'];
        const port = portNumber(container, 'grpc');
        const dialled = hops.some((hop) => matches(hop.from, from.labels) && hop.host === host && hop.port === port);
        const out = allowed(policies, 'egress', from.labels, to.labels, port, container);
        const into = allowed(policies, 'ingress', to.labels, from.labels, port, container);
        return [
          ...when(dialled && !(out && into), `NetworkPolicy: ${from.name} cannot reach ${to.name}`),
          ...when(!dialled && (out || into), `NetworkPolicy: ${from.name} may reach ${to.name}, which it never calls`),
        ];
      })),
    ];
  },

  databaseIsReached: (objects) => {
    const policies = ofKind(objects, 'NetworkPolicy');
    if (policies.length === 0) return [];
    const postgres = { 'app.kubernetes.io/name': 'aislewatch-postgres', [partOf]: 'aislewatch' };
    const container = { ports: [{ name: 'postgres', containerPort: 5432 }] };
    return workloads(objects).filter(({ containers }) => containers.some((one) => program(one) === 'events')).flatMap(
      ({ name, labels }) => when(!allowed(policies, 'egress', labels, postgres, 5432, { ports: [{ containerPort: 5432 }] })
        || !allowed(policies, 'ingress', postgres, labels, 5432, container), `NetworkPolicy: ${name} cannot reach PostgreSQL`));
  },

  autoscalersHaveTargets: (objects) => ofKind(objects, 'HorizontalPodAutoscaler', 'ScaledObject').flatMap((object) => {
    const { kind, name } = object.spec.scaleTargetRef;
    const target = ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
    return [
      ...when(target === undefined, `${nameOf(object)}: there is no ${kind} ${name}`),
      ...when(target?.spec.replicas !== undefined, `${nameOf(object)}: its target says replicas too, and undoes it when applied`),
      ...when(!((object.spec.minReplicas ?? object.spec.minReplicaCount) >= 2), `${nameOf(object)}: may go below two replicas`),
    ];
  }),

  // Selectors of scrapes and policies rest on it.
  podsArePartOfAislewatch: (objects) => workloads(objects).flatMap(({ name, labels }) =>
    when(labels[partOf] !== 'aislewatch', `${name}: its pods lack the label ${partOf}`)),

  metricsPortsAreScraped: (objects) => ofKind(objects, 'PodMonitor').flatMap(({ spec }) => services(objects)
    .filter(({ containers }) => containers.some(program)).flatMap(({ name, labels, containers }) => when(
      !matches(spec.selector.matchLabels, labels) || !spec.podMetricsEndpoints.every(({ port }) =>
        containers.some((container) => portNumber(container, port) !== undefined)), `${name}: not scraped`))),

  everythingIsInOneNamespace: (objects) => objects.flatMap((object) => when(
    object.kind !== 'Namespace' && object.metadata.namespace !== 'aislewatch', `${nameOf(object)}: in no namespace`)),

  gpusAreAskedForAlike: (objects) => eachContainer(objects, ({ resources }, { pod }) => {
    const [asked, limit] = ['requests', 'limits'].map((kind) => resources?.[kind]?.['nvidia.com/gpu']);
    return asked === undefined && limit === undefined ? [] : [
      ...when(asked !== limit, 'requests and limits of GPUs differ'),
      ...when(!(pod.tolerations ?? []).some(({ key }) => key === 'nvidia.com/gpu'), 'GPU nodes are tainted and not tolerated'),
    ];
  }),
};
