// The pages by their addresses, with what they share around them.
import { useEffect, type ReactNode } from 'react';
import { CamerasPage } from '../cameras/cameras_page';
import { IncidentsPage } from '../incidents/incidents_page';
import { InsightsPage } from '../insights/insights_page';
import { Link, navigate, usePlace } from '../lib/router';
import { LivePage } from '../live/live_page';
import { SystemPage } from '../system/system_page';
import { CameraIcon, IncidentIcon, InsightsIcon, LiveIcon, SystemIcon } from '../ui/icons';
import { NotifyProvider } from '../ui/notify';
import { Empty } from '../ui/states';
import { Arrivals } from './arrivals';
import { Brand } from './brand';
import { CamerasProvider } from './cameras';
import { ErrorBoundary } from './error_boundary';
import { FeedProvider } from './feed';
import { Header } from './header';
import { OpenIncidentsProvider, useOpenIncidents } from './open_incidents';
import { SessionProvider } from './session';

export function App() {
  return (
    <SessionProvider>
      <NotifyProvider>
        <FeedProvider>
          <CamerasProvider>
            <OpenIncidentsProvider>
              <Shell />
            </OpenIncidentsProvider>
          </CamerasProvider>
        </FeedProvider>
      </NotifyProvider>
    </SessionProvider>
  );
}

const PAGES = [
  { path: '/live', name: 'Live', icon: LiveIcon },
  { path: '/incidents', name: 'Incidents', icon: IncidentIcon },
  { path: '/cameras', name: 'Cameras', icon: CameraIcon },
  { path: '/insights', name: 'Insights', icon: InsightsIcon },
  { path: '/system', name: 'System', icon: SystemIcon },
];

function Shell() {
  const { path } = usePlace();
  const open = useOpenIncidents().length;
  const area = PAGES.find((page) => path === page.path || path.startsWith(`${page.path}/`));
  useEffect(() => {
    if (path === '/') navigate('/live', { replace: true });
  }, [path]);
  useEffect(() => {
    document.title = `${area ? `${area.name} – ` : ''}Aislewatch`;
  }, [area]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className="rail" aria-label="Pages">
        <Link className="rail-brand" href="/live">
          <Brand compact />
        </Link>
        {PAGES.map(({ path: to, name, icon: Icon }) => (
          <Link
            key={to}
            href={to}
            className="rail-item"
            aria-current={area?.path === to ? 'page' : undefined}
          >
            <span className="rail-icon">
              <Icon size={20} />
              {to === '/incidents' && open > 0 && (
                <span className="rail-count number">
                  <span className="sr-only">, </span>
                  {open}
                  <span className="sr-only"> going on</span>
                </span>
              )}
            </span>
            <span>{name}</span>
          </Link>
        ))}
      </nav>
      <main id="main" className="page" tabIndex={-1}>
        <ErrorBoundary key={area?.path ?? path}>{page(path)}</ErrorBoundary>
      </main>
      <Arrivals />
    </div>
  );
}

function page(path: string): ReactNode {
  const [area, ...rest] = path.slice(1).split('/');
  let item: string;
  try {
    item = decodeURIComponent(rest[0] ?? '');
  } catch {
    return <Missing />;
  }
  if (area === 'live' && !item) return <LivePage />;
  if (area === 'incidents' && rest.length <= 1) return <IncidentsPage incidentId={item} />;
  if (area === 'cameras' && rest.length <= 2)
    return <CamerasPage cameraId={item} tab={rest[1] ?? ''} />;
  if (area === 'insights' && !item) return <InsightsPage />;
  if (area === 'system' && rest.length <= 1) return <SystemPage tab={item} />;
  return path === '/' ? null : <Missing />;
}

function Missing() {
  return (
    <>
      <Header title="Not found" />
      <Empty title="There is no such page">
        <p>The address may be mistyped.</p>
        <Link className="button" href="/live">
          Go to Live
        </Link>
      </Empty>
    </>
  );
}
