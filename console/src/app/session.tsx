// Who is logged in. Where a session ends, the login lies over the page, which stays as it was: filters,
// drafts and all are there again after the next login of the same user.
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import type { Principal } from '../gen/api';
import { announceLogin, ApiError, setCsrfToken, setUnauthenticatedListener } from '../api/client';
import { getSession, logout as endSession, type SessionAnswer } from '../api/endpoints';
import { Failed, Loading } from '../ui/states';
import { Login } from './login';

interface Session {
  principal: Principal;
  /** Rises with every login, so that streams know to open anew. */
  epoch: number;
  logout: () => Promise<void>;
}

const Context = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error('useSession outside of SessionProvider');
  return session;
}

type State =
  | { phase: 'asking' }
  | { phase: 'failed'; error: unknown }
  | { phase: 'out'; principal?: Principal; expired: boolean }
  | { phase: 'in'; principal: Principal };

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ phase: 'asking' });
  const [epoch, setEpoch] = useState(0);

  const enter = useCallback((answer: SessionAnswer) => {
    setCsrfToken(answer.csrfToken);
    setEpoch((n) => n + 1);
    setState({ phase: 'in', principal: answer.principal });
    announceLogin();
  }, []);

  // The tabs of a browser share the cookie: a login in one of them is one in all, with another CSRF token.
  const channel = useRef<BroadcastChannel>(undefined);
  useEffect(() => {
    const own = new BroadcastChannel('aislewatch.session');
    own.onmessage = () => {
      // Where it fails the tab stays as it is, and its own login says more.
      getSession().then(enter, () => {});
    };
    channel.current = own;
    return () => own.close();
  }, [enter]);
  const enterAll = useCallback(
    (answer: SessionAnswer) => {
      enter(answer);
      channel.current?.postMessage('login');
    },
    [enter],
  );

  const ask = useCallback(() => {
    setState({ phase: 'asking' });
    getSession().then(enter, (error: unknown) => {
      if (error instanceof ApiError && error.status === 401)
        setState({ phase: 'out', expired: false });
      else setState({ phase: 'failed', error });
    });
  }, [enter]);
  useEffect(ask, [ask]);

  useEffect(() => {
    setUnauthenticatedListener(() => {
      setState((old) =>
        old.phase === 'in' ? { phase: 'out', principal: old.principal, expired: true } : old,
      );
    });
  }, []);

  const logout = useCallback(async () => {
    await endSession();
    setCsrfToken('');
    setState({ phase: 'out', expired: false });
  }, []);

  const principal = state.phase === 'in' || state.phase === 'out' ? state.principal : undefined;
  const session = useMemo(
    () => (principal ? { principal, epoch, logout } : undefined),
    [principal, epoch, logout],
  );

  if (state.phase === 'asking')
    return (
      <div className="center-page">
        <Loading what="the console" />
      </div>
    );
  if (state.phase === 'failed')
    return (
      <div className="center-page">
        <Failed error={state.error} retry={ask} />
      </div>
    );
  return (
    <>
      {session && (
        <div className="app-root">
          <Context.Provider value={session} key={session.principal.name}>
            {children}
          </Context.Provider>
        </div>
      )}
      {state.phase === 'out' && (
        <Login expired={state.expired} name={state.principal?.name ?? ''} onLogin={enterAll} />
      )}
    </>
  );
}
