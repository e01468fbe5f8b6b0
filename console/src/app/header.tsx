// The bar at the top of every page: its title and tools, the time and its zone, who is logged in.
import { useState, type ReactNode } from 'react';
import { useNow } from '../ui/resource';
import { clock } from '../lib/time';
import { roleWords, scopeWords } from '../lib/words';
import { deviceTimeZone, timeZoneWords } from '../lib/time_zone';
import { PersonIcon } from '../ui/icons';
import { Popover } from '../ui/menu';
import { useNotifier } from '../ui/notify';
import { errorText } from '../api/client';
import { PasswordDialog } from './password';
import { useFeed } from './feed';
import { useSession } from './session';

export function Header({
  title,
  tools,
  children,
}: {
  title: ReactNode;
  tools?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className="header">
      <h1 className="header-title">{title}</h1>
      {children}
      {tools && <div className="header-tools">{tools}</div>}
      <span className="header-rest" />
      <FeedMark />
      <WallClock />
      <UserMenu />
    </header>
  );
}

function FeedMark() {
  const { state } = useFeed();
  if (state.kind !== 'broken') return null;
  return (
    <span className="health offline" role="status" title={state.error}>
      Arrivals interrupted
    </span>
  );
}

function WallClock() {
  const now = useNow(1000);
  const zone = deviceTimeZone();
  return (
    <span
      className="wall-clock"
      title={`The time of this device, in ${zone}. Times of a store whose zone is another name that zone.`}
    >
      <span className="number">{clock(now)}</span>
      <span className="muted">{timeZoneWords(zone)}</span>
    </span>
  );
}

function UserMenu() {
  const { principal, logout } = useSession();
  const { notify } = useNotifier();
  const [changing, setChanging] = useState(false);
  const leave = () => {
    logout().catch((error: unknown) =>
      notify({
        key: 'logout',
        tone: 'critical',
        title: 'You are still logged in',
        text: errorText(error),
      }),
    );
  };
  return (
    <>
      <Popover
        align="end"
        className="user-button"
        name={`${principal.name}, ${roleWords[principal.role]}, ${scopeWords(principal.scope)}`}
        label={
          <>
            <PersonIcon />
            <span className="user-words">
              <span>{principal.name}</span>
              <span className="muted">
                {roleWords[principal.role]} · {scopeWords(principal.scope)}
              </span>
            </span>
          </>
        }
      >
        {(close) => (
          <div className="user-menu">
            <p>
              <strong>{principal.name}</strong>
              <span className="muted">{roleWords[principal.role]}</span>
              <span className="muted">{scopeWords(principal.scope)}</span>
            </p>
            <button
              type="button"
              className="menu-item"
              onClick={() => {
                close();
                setChanging(true);
              }}
            >
              Change password
            </button>
            <button type="button" className="menu-item" onClick={leave}>
              Log out
            </button>
          </div>
        )}
      </Popover>
      {changing && <PasswordDialog onClose={() => setChanging(false)} />}
    </>
  );
}
