// What the incident list holds, and how pages and streamed changes alter it. Nothing that is on the
// screen moves by itself: new incidents wait as arrivals while the list is scrolled, and a line that no
// longer fits the filter stays where it is until the list is loaded anew.
import type { Incident, IncidentTransition, Review, ReviewState } from '../gen/api';
import { instant } from '../lib/time';

export type Change =
  | { kind: 'transition'; transition: IncidentTransition }
  | { kind: 'review'; review: Review };

export interface ListState {
  phase: 'loading' | 'ready' | 'failed';
  error?: unknown;
  /** Newest first. */
  incidents: Incident[];
  /** New ones that are not shown yet, newest first. */
  arrivals: Incident[];
  nextPageToken: string;
  loadingMore: boolean;
  /** Changes that came while the first page was on its way; it may be older than they are. */
  early: Change[];
}

export type ListAction =
  | { type: 'load' }
  | {
      type: 'loaded';
      incidents: Incident[];
      nextPageToken: string;
      fits: (incident: Incident) => boolean;
    }
  | { type: 'failed'; error: unknown }
  | { type: 'loadMore' }
  | { type: 'loadedMore'; incidents: Incident[]; nextPageToken: string }
  | { type: 'failedMore' }
  /** `still` says that the list is not scrolled, so arrivals may be shown at once. */
  | { type: 'change'; change: Change; fits: (incident: Incident) => boolean; still: boolean }
  | { type: 'showArrivals' }
  | { type: 'reviewed'; incidentId: string; state: ReviewState }
  | { type: 'replaced'; incident: Incident };

export const emptyList: ListState = {
  phase: 'loading',
  incidents: [],
  arrivals: [],
  nextPageToken: '',
  loadingMore: false,
  early: [],
};

/** Newest first by opening time, then id: the order in which event storage lists. */
export function newestFirst(a: Incident, b: Incident): number {
  const difference = (instant(b.openedTime) ?? 0) - (instant(a.openedTime) ?? 0);
  if (difference !== 0) return difference;
  return a.incidentId < b.incidentId ? 1 : a.incidentId > b.incidentId ? -1 : 0;
}

/** `next` is what fusion said; reviews and holds are event storage's, which a transition may not know. */
export function withTransition(known: Incident, next: Incident): Incident {
  if (next.transitionNumber < known.transitionNumber) return known;
  return { ...next, reviewState: known.reviewState, hold: known.hold };
}

function replaceIn(
  list: Incident[],
  incidentId: string,
  change: (incident: Incident) => Incident,
): Incident[] {
  const at = list.findIndex((incident) => incident.incidentId === incidentId);
  if (at < 0) return list;
  const changed = change(list[at]!);
  if (changed === list[at]) return list;
  return list.map((incident, i) => (i === at ? changed : incident));
}

function everywhere(
  state: ListState,
  incidentId: string,
  change: (incident: Incident) => Incident,
): ListState {
  const incidents = replaceIn(state.incidents, incidentId, change);
  const arrivals = replaceIn(state.arrivals, incidentId, change);
  return incidents === state.incidents && arrivals === state.arrivals
    ? state
    : { ...state, incidents, arrivals };
}

function without(list: Incident[], others: Incident[]): Incident[] {
  const known = new Set(others.map((incident) => incident.incidentId));
  return list.filter((incident) => !known.has(incident.incidentId));
}

function apply(
  state: ListState,
  change: Change,
  fits: (incident: Incident) => boolean,
  still: boolean,
): ListState {
  if (change.kind === 'review') {
    const { incidentId, state: reviewState } = change.review;
    return everywhere(state, incidentId, (incident) => ({ ...incident, reviewState }));
  }
  const next = change.transition.incident;
  if (!next) return state;
  const holds = (list: Incident[]) =>
    list.some((incident) => incident.incidentId === next.incidentId);
  if (holds(state.incidents) || holds(state.arrivals)) {
    return everywhere(state, next.incidentId, (incident) => withTransition(incident, next));
  }
  if (!fits(next)) return state;
  // Older than what is listed and not the end of the list: it belongs to a page that was not loaded.
  const last = state.incidents[state.incidents.length - 1];
  if (state.nextPageToken && last && newestFirst(next, last) > 0) return state;
  if (still) return { ...state, incidents: [...state.incidents, next].sort(newestFirst) };
  return { ...state, arrivals: [...state.arrivals, next].sort(newestFirst) };
}

export function listReducer(state: ListState, action: ListAction): ListState {
  switch (action.type) {
    case 'load':
      return { ...emptyList, incidents: state.incidents };
    case 'loaded': {
      const loaded: ListState = {
        ...emptyList,
        phase: 'ready',
        incidents: action.incidents,
        nextPageToken: action.nextPageToken,
      };
      return state.early.reduce((next, change) => apply(next, change, action.fits, true), loaded);
    }
    case 'failed':
      return { ...emptyList, phase: 'failed', error: action.error };
    case 'loadMore':
      return { ...state, loadingMore: true };
    case 'loadedMore':
      return {
        ...state,
        loadingMore: false,
        nextPageToken: action.nextPageToken,
        incidents: [
          ...state.incidents,
          ...without(action.incidents, [...state.incidents, ...state.arrivals]),
        ],
      };
    case 'failedMore':
      return { ...state, loadingMore: false };
    case 'change':
      if (state.phase === 'loading') return { ...state, early: [...state.early, action.change] };
      return apply(state, action.change, action.fits, action.still);
    case 'showArrivals':
      return {
        ...state,
        incidents: [...state.arrivals, ...state.incidents].sort(newestFirst),
        arrivals: [],
      };
    case 'reviewed':
      return everywhere(state, action.incidentId, (incident) => ({
        ...incident,
        reviewState: action.state,
      }));
    case 'replaced':
      return everywhere(state, action.incident.incidentId, () => action.incident);
  }
}
