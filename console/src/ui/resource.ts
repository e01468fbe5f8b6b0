// Loads something from the gateway for a component, and again when asked, when its key changes or
// every so often. What was loaded stays while it is loaded again.
import { useCallback, useEffect, useRef, useState } from 'react';
import { onLogin } from '../api/client';

export interface Resource<T> {
  data: T | undefined;
  /** Why the last try failed; data may still hold what an earlier one gave. */
  error: unknown;
  loading: boolean;
  reload: () => void;
  setData: (data: T) => void;
}

/** `key` names what is loaded: another key forgets the data. `everyMs` loads again while the page is seen. */
export function useResource<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  everyMs?: number,
): Resource<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: unknown; loading: boolean }>({
    key,
    loading: true,
  });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;

  useEffect(() => {
    const aborter = new AbortController();
    setState((old) => (old.key === key ? { ...old, loading: true } : { key, loading: true }));
    loader.current(aborter.signal).then(
      (data) => {
        if (!aborter.signal.aborted) setState({ key, data, loading: false });
      },
      (error: unknown) => {
        if (!aborter.signal.aborted) setState((old) => ({ ...old, error, loading: false }));
      },
    );
    return () => aborter.abort();
  }, [key, round]);

  useEffect(() => {
    if (!everyMs) return;
    const timer = setInterval(() => {
      if (!document.hidden) setRound((n) => n + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => onLogin(reload), [reload]);
  const setData = useCallback((data: T) => setState({ key, data, loading: false }), [key]);
  const current = state.key === key;
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    loading: !current || state.loading,
    reload,
    setData,
  };
}

/** The time of now, renewed every so often, for "5 s ago". */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Whether the media query holds at present. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => window.matchMedia(query).matches);
  useEffect(() => {
    const media = window.matchMedia(query);
    const listen = () => setHolds(media.matches);
    listen();
    media.addEventListener('change', listen);
    return () => media.removeEventListener('change', listen);
  }, [query]);
  return holds;
}
