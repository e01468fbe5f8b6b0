// The one stream of incidents that a console keeps open, whatever page it shows. It is not filtered
// on the server, so that notices, list and detail can share it.
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
import type { WatchIncidentsResponse } from '../gen/api';
import { incidentStreamUrl } from '../api/endpoints';
import { openStream, type StreamState } from '../api/sse';
import type { Change } from '../incidents/list_state';
import { useSession } from './session';

interface Feed {
  state: StreamState;
  /** Rises when changes may have been missed and lists must be loaded anew. */
  generation: number;
  subscribe: (listener: (change: Change) => void) => () => void;
}

const Context = createContext<Feed | undefined>(undefined);

export function FeedProvider({ children }: { children: ReactNode }) {
  const { epoch } = useSession();
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });
  const [generation, setGeneration] = useState(0);
  const listeners = useRef(new Set<(change: Change) => void>());
  const cursor = useRef('');

  useEffect(() => {
    let opened = false;
    return openStream({
      url: incidentStreamUrl(),
      resume: () => cursor.current,
      onState: (next) => {
        setState(next);
        // A cursor that the gateway no longer takes would be refused for ever.
        if (next.kind === 'broken' && next.status === 400) cursor.current = '';
        if (next.kind !== 'open') return;
        // Without a cursor nobody knows what happened since the list was loaded.
        if (opened && !cursor.current) setGeneration((n) => n + 1);
        opened = true;
      },
      onEvent: ({ data, id }) => {
        if (id) cursor.current = id;
        const message = JSON.parse(data) as WatchIncidentsResponse;
        const change: Change | undefined = message.transition
          ? { kind: 'transition', transition: message.transition }
          : message.review
            ? { kind: 'review', review: message.review }
            : undefined;
        if (change) listeners.current.forEach((listener) => listener(change));
      },
    });
  }, [epoch]);

  const subscribe = useCallback((listener: (change: Change) => void) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const value = useMemo(() => ({ state, generation, subscribe }), [state, generation, subscribe]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useFeed(): Feed {
  const feed = useContext(Context);
  if (!feed) throw new Error('useFeed outside of FeedProvider');
  return feed;
}

/** Calls `listener` for every change while the component is there. */
export function useChanges(listener: (change: Change) => void): void {
  const { subscribe } = useFeed();
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => subscribe((change) => latest.current(change)), [subscribe]);
}
