// The services with what they say of themselves.
import { getSystem, type ServiceStatus } from '../api/endpoints';
import { useResource } from '../ui/resource';
import { Empty, Failed, Loading, Outdated } from '../ui/states';

const REFRESH_MS = 5000;
/** Drops above this share are shown as a warning. */
const MANY_DROPS = 0.02;

const serviceWords: Record<string, string> = {
  ingest: 'Cameras and their pipelines',
  pose: 'People and their poses',
  classifier: 'What people do',
  fusion: 'Risk, rules and incidents',
  events: 'Incidents, evidence, cameras, users',
};

export function ServicesTab() {
  const { data, error, reload } = useResource('system', getSystem, REFRESH_MS);
  if (!data)
    return error ? <Failed error={error} retry={reload} /> : <Loading what="the services" />;
  if (data.services.length === 0)
    return (
      <Empty title="The gateway knows no services">
        <p>Tell it their addresses (docs/operations.md).</p>
      </Empty>
    );
  const away = data.services.filter((one) => !one.ready).length;
  return (
    <div className="system">
      <Outdated error={error} />
      <p className="row wrap">
        {away === 0 ? (
          <span className="health online">Every service is ready</span>
        ) : (
          <span className="health offline">
            {away} of {data.services.length} not ready
          </span>
        )}
        <span className="grow" />
        {data.grafanaUrl && (
          <a className="button small" href={data.grafanaUrl} target="_blank" rel="noreferrer">
            Open Grafana
          </a>
        )}
      </p>
      <div className="table-scroll framed">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">State</th>
              <th scope="col" className="wide-only">
                Version
              </th>
              <th scope="col" className="wide-only">
                Models
              </th>
              <th scope="col" className="right">
                Waiting
              </th>
              <th scope="col" className="right">
                Dropped
              </th>
            </tr>
          </thead>
          <tbody>
            {data.services.map((one) => (
              <ServiceRow key={`${one.name} ${one.address}`} service={one} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function ServiceRow({ service }: { service: ServiceStatus }) {
  const { queueLength, dropRate } = service.metrics;
  return (
    <tr>
      <th scope="row">
        <strong>{service.name}</strong>
        <span className="muted small-text block-text">{serviceWords[service.name] ?? ''}</span>
        <span className="muted mono block-text">{service.address}</span>
      </th>
      <td>
        <span className={`health ${service.ready ? 'online' : 'offline'}`}>
          {service.ready ? 'Ready' : 'Not ready'}
        </span>
        {service.error && (
          <span className="muted small-text block-text reason">{service.error}</span>
        )}
      </td>
      <td className="wide-only number">{service.version || '–'}</td>
      <td className="wide-only">
        {service.models.map((model) => (
          <span key={model.role} className="block-text small-text">
            <span className="muted">{model.role.replaceAll('_', ' ')}:</span> {model.name}{' '}
            {model.version}
          </span>
        ))}
        {service.models.length === 0 && <span className="muted">–</span>}
      </td>
      <td className="right number">{queueLength ?? '–'}</td>
      <td className={`right number ${(dropRate ?? 0) > MANY_DROPS ? 'warning-text' : ''}`}>
        {dropRate === null || dropRate === undefined ? '–' : `${(dropRate * 100).toFixed(1)} %`}
      </td>
    </tr>
  );
}
