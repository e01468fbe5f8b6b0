// What the incident list holds, and how pages and streamed changes alter it. Nothing that is on the
// screen moves by itself: new incidents wait as arrivals while the list is scrolled, and a line that no
// longer fits the filter stays where it is until the list is loaded anew. A console that is open for days
// keeps no more than the newest incidents; older ones are loaded again when asked for.
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
  /** For the page below the last one; empty where that is not known, or there is none. */
  nextPageToken: string;
  /** What `openedUntil` of the request was that gave nextPageToken, where it was not the filter's own. */
  pageUntil?: string;
  /** Older ones fell off: what is below the last one is asked for by its time. */
  cutOff: boolean;
  /** How many are kept; more where more were asked for. */
  limit: number;
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
  | { type: 'loadedMore'; incidents: Incident[]; nextPageToken: string; pageUntil?: string }
  | { type: 'failedMore' }
  /** `still` says that the list is not scrolled, so arrivals may be shown at once. */
  | { type: 'change'; change: Change; fits: (incident: Incident) => boolean; still: boolean }
  | { type: 'showArrivals' }
  | { type: 'reviewed'; incidentId: string; state: ReviewState }
  | { type: 'replaced'; incident: Incident };

/** Kept of what arrives by itself. */
export const KEPT = 2000;

export const emptyList: ListState = {
  phase: 'loading',
  incidents: [],
  arrivals: [],
  nextPageToken: '',
  cutOff: false,
  limit: KEPT,
  loadingMore: false,
  early: [],
};

/** Whether there are older ones than those that are listed. */
export const hasMore = (state: ListState) => state.cutOff || state.nextPageToken !== '';

/** How to ask for those below the last one: on from the last page, or by the time of the last one. */
export function moreRequest(state: ListState): { pageToken?: string; openedUntil?: string } {
  const last = state.incidents[state.incidents.length - 1];
  const opened = instant(last?.openedTime);
  if (!state.cutOff || opened === undefined)
    return { pageToken: state.nextPageToken, openedUntil: state.pageUntil };
  // Before the next millisecond: those of the same one are listed already and come off again.
  return { openedUntil: new Date(opened + 1).toISOString() };
}

/** Lets the oldest fall off where there are more than are kept. */
function bounded(state: ListState): ListState {
  if (state.incidents.length <= state.limit) return state;
  return {
    ...state,
    incidents: state.incidents.slice(0, state.limit),
    nextPageToken: '',
    pageUntil: undefined,
    cutOff: true,
  };
}

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

/** At its place in a list that is in order; most are the newest. */
function inserted(list: Incident[], next: Incident): Incident[] {
  const at = list.findIndex((one) => newestFirst(next, one) < 0);
  return at < 0 ? [...list, next] : [...list.slice(0, at), next, ...list.slice(at)];
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
  if (hasMore(state) && last && newestFirst(next, last) > 0) return state;
  if (still) return bounded({ ...state, incidents: inserted(state.incidents, next) });
  return { ...state, arrivals: inserted(state.arrivals, next).slice(0, state.limit) };
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
    case 'loadedMore': {
      const incidents = [
        ...state.incidents,
        ...without(action.incidents, [...state.incidents, ...state.arrivals]),
      ];
      return {
        ...state,
        loadingMore: false,
        nextPageToken: action.nextPageToken,
        pageUntil: action.pageUntil,
        cutOff: false,
        incidents,
        limit: Math.max(state.limit, incidents.length),
      };
    }
    case 'failedMore':
      return { ...state, loadingMore: false };
    case 'change':
      if (state.phase === 'loading') return { ...state, early: [...state.early, action.change] };
      return apply(state, action.change, action.fits, action.still);
    case 'showArrivals': {
      // So many that some of them fell off: the list goes on below them, and must be loaded.
      const gap = state.arrivals.length >= state.limit;
      return bounded({
        ...state,
        incidents: [...state.arrivals, ...(gap ? [] : state.incidents)].sort(newestFirst),
        arrivals: [],
        ...(gap ? { cutOff: true, nextPageToken: '', pageUntil: undefined } : {}),
      });
    }
    case 'reviewed':
      return everywhere(state, action.incidentId, (incident) => ({
        ...incident,
        reviewState: action.state,
      }));
    case 'replaced':
      return everywhere(state, action.incident.incidentId, () => action.incident);
  }
}
