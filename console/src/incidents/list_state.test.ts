import { describe, expect, test } from 'vitest';
import type { Incident, ReviewState } from '../gen/api';
import {
  emptyList,
  hasMore,
  listReducer,
  moreRequest,
  type Change,
  type ListAction,
  type ListState,
} from './list_state';

const incident = (id: string, minute: number, part: Partial<Incident> = {}): Incident =>
  ({
    incidentId: id,
    openedTime: `2026-03-01T12:${String(minute).padStart(2, '0')}:00Z`,
    transitionNumber: 1,
    reviewState: 'REVIEW_STATE_UNREVIEWED',
    hold: false,
    ...part,
  }) as Incident;
const transition = (one: Incident): Change => ({
  kind: 'transition',
  transition: { number: one.transitionNumber, kind: 'TRANSITION_KIND_UPDATED', incident: one },
});
const review = (incidentId: string, state: ReviewState): Change => ({
  kind: 'review',
  review: { reviewId: 'r', incidentId, state, reviewer: 'm', note: '' },
});
const all = () => true;

const run = (actions: ListAction[], from: ListState = emptyList) =>
  actions.reduce(listReducer, from);
const ready = (incidents: Incident[], nextPageToken = '') =>
  run([{ type: 'load' }, { type: 'loaded', incidents, nextPageToken, fits: all }]);
const change = (one: Change, still: boolean, fits = all): ListAction => ({
  type: 'change',
  change: one,
  fits,
  still,
});
const ids = (list: Incident[]) => list.map((one) => one.incidentId);

describe('the incident list', () => {
  test('shows an arrival at once where it is not scrolled', () => {
    expect(
      ids(run([change(transition(incident('b', 9)), true)], ready([incident('a', 5)])).incidents),
    ).toEqual(['b', 'a']);
  });

  test('keeps arrivals back while it is scrolled, and shows them when asked', () => {
    const scrolled = run(
      [change(transition(incident('b', 9)), false), change(transition(incident('c', 8)), false)],
      ready([incident('a', 5)]),
    );
    expect([ids(scrolled.incidents), ids(scrolled.arrivals)]).toEqual([['a'], ['b', 'c']]);
    const shown = run([{ type: 'showArrivals' }], scrolled);
    expect([ids(shown.incidents), ids(shown.arrivals)]).toEqual([['b', 'c', 'a'], []]);
  });

  test('keeps the review and the hold that a transition does not know', () => {
    const known = incident('a', 5, { reviewState: 'REVIEW_STATE_CONFIRMED', hold: true });
    const next = incident('a', 5, { transitionNumber: 2, state: 'INCIDENT_STATE_CLOSED' });
    expect(run([change(transition(next), true)], ready([known])).incidents[0]).toMatchObject({
      reviewState: 'REVIEW_STATE_CONFIRMED',
      hold: true,
      state: 'INCIDENT_STATE_CLOSED',
    });
  });

  test('takes no older transition over a newer one', () => {
    const known = incident('a', 5, { transitionNumber: 3, peakRisk: 0.9 });
    expect(
      run(
        [change(transition(incident('a', 5, { transitionNumber: 2, peakRisk: 0.4 })), true)],
        ready([known]),
      ).incidents[0]!.peakRisk,
    ).toBe(0.9);
  });

  test('leaves a line where it is that no longer fits the filter', () => {
    const state = run(
      [change(review('a', 'REVIEW_STATE_CONFIRMED'), true, () => false)],
      ready([incident('b', 6), incident('a', 5)]),
    );
    expect(state.incidents.map((one) => one.reviewState)).toEqual([
      'REVIEW_STATE_UNREVIEWED',
      'REVIEW_STATE_CONFIRMED',
    ]);
  });

  test('does not take in what the filter excludes', () => {
    expect(
      ids(
        run([change(transition(incident('b', 9)), true, () => false)], ready([incident('a', 5)]))
          .incidents,
      ),
    ).toEqual(['a']);
  });

  test('applies changes that overtook the first page', () => {
    const page = [incident('a', 5)];
    const state = run([
      { type: 'load' },
      change(transition(incident('b', 9)), true),
      change(review('a', 'REVIEW_STATE_FALSE_ALARM'), true),
      { type: 'loaded', incidents: page, nextPageToken: '', fits: all },
    ]);
    expect(state.incidents.map((one) => [one.incidentId, one.reviewState])).toEqual([
      ['b', 'REVIEW_STATE_UNREVIEWED'],
      ['a', 'REVIEW_STATE_FALSE_ALARM'],
    ]);
  });

  test('leaves updates of incidents on pages that are not loaded to those pages', () => {
    expect(
      ids(
        run(
          [change(transition(incident('old', 1, { transitionNumber: 4 })), true)],
          ready([incident('a', 5)], 'next'),
        ).incidents,
      ),
    ).toEqual(['a']);
  });

  test('has nothing twice when a later page holds an arrival', () => {
    const state = run(
      [
        change(transition(incident('b', 6)), true),
        { type: 'loadedMore', incidents: [incident('b', 6), incident('z', 1)], nextPageToken: '' },
      ],
      ready([incident('a', 5)]),
    );
    expect(ids(state.incidents)).toEqual(['b', 'a', 'z']);
  });

  describe('that is open for days', () => {
    const at = (n: number) =>
      incident(`n${String(n).padStart(5, '0')}`, 0, {
        openedTime: new Date(Date.parse('2026-03-01T00:00:00Z') + n * 1000).toISOString(),
      });
    const KEPT = 20;
    const full: ListState = {
      ...ready(
        Array.from({ length: KEPT }, (_, i) => at(KEPT - i)),
        'next page',
      ),
      limit: KEPT,
    };

    test('lets the oldest fall off, and asks for what is below by its time', () => {
      const state = run([change(transition(at(9000)), true)], full);
      expect([state.incidents.length, ids(state.incidents)[0]]).toEqual([KEPT, 'n09000']);
      expect(state.incidents.at(-1)!.incidentId).toBe('n00002');
      expect([hasMore(state), moreRequest(state)]).toEqual([
        true,
        { openedUntil: '2026-03-01T00:00:02.001Z' },
      ]);
    });

    test('keeps what was asked for, and goes on from the page that was given', () => {
      const state = run(
        [
          change(transition(at(9000)), true),
          {
            type: 'loadedMore',
            incidents: [at(2), at(1), at(0)],
            nextPageToken: 'next',
            pageUntil: 'then',
          },
        ],
        full,
      );
      expect([state.incidents.length, state.incidents.at(-1)!.incidentId]).toEqual([
        KEPT + 2,
        'n00000',
      ]);
      expect(moreRequest(state)).toEqual({ pageToken: 'next', openedUntil: 'then' });
      const later = run([change(transition(at(9001)), true)], state);
      expect([later.incidents.length, later.incidents.at(-1)!.incidentId]).toEqual([
        KEPT + 2,
        'n00001',
      ]);
    });

    test('shows no hole where more arrived than are kept', () => {
      const many = Array.from({ length: KEPT + 5 }, (_, n) =>
        change(transition(at(10_000 + n)), false),
      );
      const state = run([...many, { type: 'showArrivals' }], full);
      expect([state.incidents.length, state.incidents.at(-1)!.incidentId]).toEqual([
        KEPT,
        'n10005',
      ]);
      expect(moreRequest(state).openedUntil).toBe('2026-03-01T02:46:45.001Z');
    });
  });
});
