// The list of incidents with its filter, keys and bulk review, and beside it the incident that is open.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { Incident, ReviewState } from '../gen/api';
import { useChanges, useFeed } from '../app/feed';
import { Header } from '../app/header';
import { useSession } from '../app/session';
import { listIncidents, reviewIncident } from '../api/endpoints';
import { errorText, onLogin } from '../api/client';
import { address, Link, navigate, usePlace } from '../lib/router';
import { count, kindWords, may } from '../lib/words';
import { useNotifier } from '../ui/notify';
import { Empty, Failed, Loading, Outdated } from '../ui/states';
import { BulkBar } from './bulk_bar';
import { Detail } from './detail';
import {
  filterCount,
  filterQuery,
  matches,
  parseFilter,
  requestQuery,
  type Filter,
} from './filter';
import { FilterBar } from './filter_bar';
import { KeyHelp, useKeys } from './keys';
import { IncidentRow } from './row';
import { emptyList, hasMore, listReducer, moreRequest } from './list_state';

const PAGE_SIZE = 50;

export function IncidentsPage({ incidentId }: { incidentId: string }) {
  const { query } = usePlace();
  const queryText = query.toString();
  const filter = useMemo(() => parseFilter(new URLSearchParams(queryText)), [queryText]);
  const { principal } = useSession();
  const { generation } = useFeed();
  const { notify, say } = useNotifier();
  const [state, dispatch] = useReducer(listReducer, emptyList);
  const [round, setRound] = useState(0);
  const [cursor, setCursor] = useState('');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [help, setHelp] = useState(false);
  const scroller = useRef<HTMLDivElement>(null);
  const mayReview = may(principal, 'ROLE_OPERATOR');
  const filterKey = filterQuery(filter).toString();
  const fits = useCallback(
    (incident: Incident) => matches(filter, incident, Date.now()),
    [filterKey],
  );

  useEffect(() => {
    const aborter = new AbortController();
    dispatch({ type: 'load' });
    listIncidents(
      { ...requestQuery(filter, Date.now()), pageSize: PAGE_SIZE },
      aborter.signal,
    ).then(
      (page) =>
        dispatch({
          type: 'loaded',
          incidents: page.incidents,
          nextPageToken: page.nextPageToken,
          fits,
        }),
      (error: unknown) => {
        if (!aborter.signal.aborted) dispatch({ type: 'failed', error });
      },
    );
    return () => aborter.abort();
  }, [filterKey, round, generation]);
  useEffect(() => onLogin(() => setRound((n) => n + 1)), []);
  useEffect(() => setSelected(new Set()), [filterKey]);

  useChanges((change) => {
    const still = (scroller.current?.scrollTop ?? 0) < 8;
    dispatch({ type: 'change', change, fits, still });
    const opened =
      change.kind === 'transition' && change.transition.kind === 'TRANSITION_KIND_OPENED'
        ? change.transition.incident
        : undefined;
    if (opened && fits(opened)) say(`New: ${kindWords[opened.kind]} at ${opened.cameraId}`);
  });

  const to = (id: string) => address(id ? `/incidents/${id}` : '/incidents', query);
  const setFilter = (next: Filter) =>
    navigate(address(incidentId ? `/incidents/${incidentId}` : '/incidents', filterQuery(next)), {
      replace: true,
    });

  const review = useCallback(
    async (ids: string[], verdict: ReviewState, note: string) => {
      const before = new Map(
        state.incidents.map((incident) => [incident.incidentId, incident.reviewState]),
      );
      const failures: string[] = [];
      const done: string[] = [];
      for (const id of ids) {
        try {
          await reviewIncident(id, verdict, note);
          done.push(id);
          dispatch({ type: 'reviewed', incidentId: id, state: verdict });
        } catch (error) {
          failures.push(errorText(error));
        }
      }
      const word =
        { REVIEW_STATE_CONFIRMED: 'confirmed', REVIEW_STATE_FALSE_ALARM: 'marked as false alarm' }[
          verdict as string
        ] ?? 'marked as not reviewed';
      if (done.length) {
        notify({
          key: 'review',
          tone: 'ok',
          title:
            done.length === 1 ? `Incident ${word}` : `${count(done.length, 'incident')} ${word}`,
          action: {
            label: 'Undo',
            run: () =>
              done.forEach((id) => {
                const old = before.get(id);
                const state_ =
                  !old || old === 'REVIEW_STATE_UNSPECIFIED' ? 'REVIEW_STATE_UNREVIEWED' : old;
                reviewIncident(id, state_, 'Taken back').then(
                  () => dispatch({ type: 'reviewed', incidentId: id, state: state_ }),
                  (error: unknown) =>
                    notify({
                      key: 'undo',
                      tone: 'critical',
                      title: 'Not taken back',
                      text: errorText(error),
                    }),
                );
              }),
          },
        });
      }
      if (failures.length) {
        notify({
          key: 'review-failed',
          tone: 'critical',
          sticky: true,
          title: `${count(failures.length, 'review')} not stored`,
          text: failures[0],
        });
      }
      return failures.length === 0;
    },
    [state.incidents, notify],
  );

  const loadMore = () => {
    dispatch({ type: 'loadMore' });
    const { pageToken, openedUntil } = moreRequest(state);
    listIncidents({
      ...requestQuery(filter, Date.now()),
      ...(openedUntil ? { openedUntil } : {}),
      pageSize: PAGE_SIZE,
      pageToken,
    }).then(
      (page) =>
        dispatch({
          type: 'loadedMore',
          incidents: page.incidents,
          nextPageToken: page.nextPageToken,
          pageUntil: openedUntil,
        }),
      (error: unknown) => {
        dispatch({ type: 'failedMore' });
        notify({
          key: 'more',
          tone: 'critical',
          title: 'No more could be loaded',
          text: errorText(error),
        });
      },
    );
  };

  const ids = state.incidents.map((incident) => incident.incidentId);
  const focus = (id: string) => {
    setCursor(id);
    scroller.current?.querySelector<HTMLElement>(`[data-incident="${id}"] a`)?.focus();
  };
  const current = cursor && ids.includes(cursor) ? cursor : incidentId;
  const toggle = (id: string) =>
    setSelected((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  useKeys({
    move: (step) => {
      const at = ids.indexOf(current);
      const next = at < 0 ? ids[0] : ids[Math.min(ids.length - 1, Math.max(0, at + step))];
      if (!next) return;
      focus(next);
      if (incidentId) navigate(to(next), { replace: true });
    },
    open: () => current && navigate(to(current)),
    close: () => {
      if (help) setHelp(false);
      else if (selected.size) setSelected(new Set());
      else if (incidentId) navigate(to(''));
    },
    verdict: (verdict) => {
      if (!mayReview)
        notify({
          key: 'role',
          tone: 'warning',
          title: 'Your role does not review incidents',
          text: 'Ask an admin for the role operator.',
        });
      else if (selected.size)
        void review([...selected], verdict, '').then((ok) => ok && setSelected(new Set()));
      else if (current) void review([current], verdict, '');
    },
    select: () => current && mayReview && toggle(current),
    help: () => setHelp(true),
  });

  const list = (
    <section className="incident-list" aria-label="Incidents">
      <FilterBar filter={filter} onChange={setFilter} />
      {selected.size > 0 && (
        <BulkBar
          size={selected.size}
          onClear={() => setSelected(new Set())}
          onReview={(verdict, note) =>
            review([...selected], verdict, note).then((ok) => ok && setSelected(new Set()))
          }
        />
      )}
      {state.arrivals.length > 0 && (
        <button
          type="button"
          className="arrivals-pill"
          onClick={() => {
            dispatch({ type: 'showArrivals' });
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          {state.arrivals.length} new
        </button>
      )}
      <div
        className="incident-scroll"
        ref={scroller}
        onScroll={(event) => {
          if (event.currentTarget.scrollTop < 8 && state.arrivals.length)
            dispatch({ type: 'showArrivals' });
        }}
      >
        {state.phase === 'failed' ? (
          <Failed error={state.error} retry={() => setRound((n) => n + 1)} />
        ) : state.phase === 'loading' && state.incidents.length === 0 ? (
          <Loading what="incidents" />
        ) : state.incidents.length === 0 ? (
          <Empty title={filterCount(filter) ? 'No incident fits the filter' : 'No incidents yet'}>
            {filterCount(filter) ? (
              <Link
                className="button"
                href={address(
                  incidentId ? `/incidents/${incidentId}` : '/incidents',
                  new URLSearchParams(),
                )}
              >
                Remove the filter
              </Link>
            ) : (
              <p>New ones appear here as they happen.</p>
            )}
          </Empty>
        ) : (
          <>
            <ul className="incident-rows" aria-busy={state.phase === 'loading'}>
              {state.incidents.map((incident) => (
                <IncidentRow
                  key={incident.incidentId}
                  incident={incident}
                  href={to(incident.incidentId)}
                  open={incident.incidentId === incidentId}
                  selected={selected.has(incident.incidentId)}
                  onSelect={mayReview ? toggle : undefined}
                  onFocus={setCursor}
                />
              ))}
            </ul>
            {hasMore(state) && (
              <button
                type="button"
                className="button more"
                disabled={state.loadingMore}
                onClick={loadMore}
              >
                {state.loadingMore ? 'Loading …' : 'Load older ones'}
              </button>
            )}
          </>
        )}
      </div>
    </section>
  );

  return (
    <>
      <Header
        title="Incidents"
        tools={
          <button
            type="button"
            className="button quiet small keys-button"
            onClick={() => setHelp(true)}
          >
            Keys <kbd>?</kbd>
          </button>
        }
      />
      {state.phase === 'ready' && state.error ? <Outdated error={state.error} /> : null}
      <div className={incidentId ? 'incidents split' : 'incidents'}>
        {list}
        {incidentId && (
          <Detail
            key={incidentId}
            incidentId={incidentId}
            mayReview={mayReview}
            closeHref={to('')}
            onReview={(verdict, note) => review([incidentId], verdict, note)}
            onChanged={(incident) => dispatch({ type: 'replaced', incident })}
          />
        )}
      </div>
      {help && <KeyHelp onClose={() => setHelp(false)} />}
    </>
  );
}
