// How the installation is, and for admins who may use it and who is told of incidents.
import type { ReactNode } from 'react';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { Link } from '../lib/router';
import { may } from '../lib/words';
import { Empty } from '../ui/states';
import { AuditTab } from './audit_tab';
import { ServicesTab } from './services_tab';
import { TokensTab } from './tokens_tab';
import { UsersTab } from './users_tab';
import { WebhooksTab } from './webhooks_tab';

const TABS: { name: string; label: string; admin: boolean; body: () => ReactNode }[] = [
  { name: '', label: 'Services', admin: false, body: () => <ServicesTab /> },
  { name: 'users', label: 'Users', admin: true, body: () => <UsersTab /> },
  { name: 'tokens', label: 'Tokens', admin: true, body: () => <TokensTab /> },
  { name: 'webhooks', label: 'Webhooks', admin: true, body: () => <WebhooksTab /> },
  { name: 'audit', label: 'Audit', admin: true, body: () => <AuditTab /> },
];

export function SystemPage({ tab }: { tab: string }) {
  const { principal } = useSession();
  const admin = may(principal, 'ROLE_ADMIN');
  const current = TABS.find(({ name }) => name === tab);
  return (
    <>
      <Header title="System" />
      {admin && (
        <nav className="tabs" aria-label="Parts of the system">
          {TABS.map(({ name, label }) => (
            <Link
              key={name}
              href={name ? `/system/${name}` : '/system'}
              aria-current={name === tab ? 'page' : undefined}
            >
              {label}
            </Link>
          ))}
        </nav>
      )}
      <div className="page-scroll">
        {!current ? (
          <Empty title="There is no such page">
            <Link className="button" href="/system">
              Go to System
            </Link>
          </Empty>
        ) : current.admin && !admin ? (
          <Empty title="Your role does not allow this">
            <p>This is for admins.</p>
          </Empty>
        ) : (
          current.body()
        )}
      </div>
    </>
  );
}
