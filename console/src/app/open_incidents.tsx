// Incidents that go on at present, for the wall and the header: loaded once, then kept by the feed.
import { createContext, useContext, useEffect, useReducer, type ReactNode } from 'react';
import type { Incident } from '../gen/api';
import { listIncidents } from '../api/endpoints';
import { emptyList, listReducer, type ListAction, type ListState } from '../incidents/list_state';
import { useResource } from '../ui/resource';
import { useChanges, useFeed } from './feed';

const Context = createContext<Incident[]>([]);
const isOpen = (incident: Incident) => incident.state === 'INCIDENT_STATE_OPEN';

/** As the list, but what is over is not kept. */
function openReducer(state: ListState, action: ListAction): ListState {
  const next = listReducer(state, action);
  return next.incidents.every(isOpen)
    ? next
    : { ...next, incidents: next.incidents.filter(isOpen) };
}

export function OpenIncidentsProvider({ children }: { children: ReactNode }) {
  const { generation } = useFeed();
  const [state, dispatch] = useReducer(openReducer, emptyList);
  const { data } = useResource(
    `open ${generation}`,
    (signal) => listIncidents({ state: 'INCIDENT_STATE_OPEN', pageSize: 100 }, signal),
    600_000,
  );
  useEffect(() => {
    if (data)
      dispatch({ type: 'loaded', incidents: data.incidents, nextPageToken: '', fits: isOpen });
  }, [data]);
  useChanges((change) => dispatch({ type: 'change', change, fits: isOpen, still: true }));
  return <Context.Provider value={state.incidents}>{children}</Context.Provider>;
}

export const useOpenIncidents = () => useContext(Context);
