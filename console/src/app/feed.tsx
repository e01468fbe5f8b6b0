// The one stream of incidents that the tabs of a console keep open together, whatever pages they show. It is not
// filtered on the server, so that notices, list and detail can share it.
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
import { openSharedStream } from '../api/shared_stream';
import type { StreamState } from '../api/sse';
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
  const { epoch, principal } = useSession();
  const [state, setState] = useState<StreamState>({ kind: 'connecting' });
  const [generation, setGeneration] = useState(0);
  const listeners = useRef(new Set<(change: Change) => void>());

  useEffect(() => {
    return openSharedStream({
      url: incidentStreamUrl(),
      name: `aislewatch.incidents.${principal.name}`,
      onState: setState,
      onGap: () => setGeneration((n) => n + 1),
      onEvent: ({ data }) => {
        const message = JSON.parse(data) as WatchIncidentsResponse;
        const change: Change | undefined = message.transition
          ? { kind: 'transition', transition: message.transition }
          : message.review
            ? { kind: 'review', review: message.review }
            : undefined;
        if (change) listeners.current.forEach((listener) => listener(change));
      },
    });
  }, [epoch, principal.name]);

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
