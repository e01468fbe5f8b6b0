// Incidents and evidence of the mock gateway.
import type { Incident, Review } from '../src/gen/api';
import { matches, type Filter } from '../src/incidents/filter';
import { newestFirst } from '../src/incidents/list_state';
import { scenes, uuid } from './data-cameras';
import { clipFile, evidenceOf, scoreCurve } from './data-incidents';
import type { MockGateway } from './mock-gateway';
import { inScope, json, Problem, sendRange, type Route, type Session } from './mock-http';

/** What is outside of the scope is answered as if it were not there. */
function find(gateway: MockGateway, id: string, session: Session): Incident {
  const found = gateway.incidents.find(
    (one) => one.incidentId === id && inScope(session, one.storeId),
  );
  if (!found) throw new Problem(404, 'Not Found', 'There is no such incident.');
  return found;
}

export function incidentRoutes(gateway: MockGateway, route: Route): void {
  route('GET', '/incidents/stream', ({ request, response }) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    const after = Number(request.headers['last-event-id'] ?? NaN);
    response.write(
      `event: cursor\nid: ${gateway.cursor}\ndata: ${JSON.stringify({ cursor: String(gateway.cursor) })}\n\n`,
    );
    if (!Number.isNaN(after))
      gateway.feed.filter((one) => one.id > after).forEach((one) => response.write(one.text));
    gateway.watchers.add(response);
    response.on('close', () => gateway.watchers.delete(response));
  });
  route('GET', '/incidents', ({ response, query, session }) => {
    const filter: Filter = {
      stores: query.getAll('storeIds'),
      cameras: query.getAll('cameraIds'),
      kinds: query.getAll('kinds') as Filter['kinds'],
      severity: (query.get('minSeverity') ?? undefined) as Filter['severity'],
      state: (query.get('state') ?? undefined) as Filter['state'],
      review: (query.get('reviewState') ?? undefined) as Filter['review'],
      from: query.get('openedFrom') ?? undefined,
      until: query.get('openedUntil') ?? undefined,
    };
    const size = Number(query.get('pageSize')) || 50;
    const skip = Number(query.get('pageToken')) || 0;
    const all = gateway.incidents
      .filter(
        (incident) => inScope(session, incident.storeId) && matches(filter, incident, Date.now()),
      )
      .sort(newestFirst);
    json(response, {
      incidents: all.slice(skip, skip + size),
      nextPageToken: skip + size < all.length ? String(skip + size) : '',
    });
  });
  route('GET', '/incidents/:id', ({ response, params, session }) => {
    const incident = find(gateway, params[0]!, session);
    json(response, {
      incident,
      transitions: gateway.transitions.get(incident.incidentId),
      reviews: gateway.reviews.get(incident.incidentId),
    });
  });
  route('POST', '/incidents/:id/reviews', async ({ response, params, body, session }) => {
    if (session.principal.role === 'ROLE_VIEWER')
      throw new Problem(403, 'Forbidden', 'Reviews need the role operator.');
    const incident = find(gateway, params[0]!, session);
    const { state, note } = (await body()) as unknown as Review;
    const review: Review = {
      reviewId: uuid(60, gateway.made++),
      incidentId: incident.incidentId,
      state,
      note,
      reviewer: session.principal.name,
      createTime: new Date().toISOString(),
    };
    incident.reviewState = state;
    gateway.reviews.get(incident.incidentId)?.push(review);
    gateway.tell('review', { review });
    json(response, { review });
  });
  route('PUT', '/incidents/:id/hold', async ({ response, params, body, session }) => {
    const incident = find(gateway, params[0]!, session);
    incident.hold = ((await body()) as unknown as { hold: boolean }).hold;
    json(response, { incident });
  });
  route('GET', '/incidents/:id/evidence', ({ response, params, session }) => {
    const incident = find(gateway, params[0]!, session);
    json(response, {
      evidence: evidenceOf(incident, parseInt(incident.incidentId.slice(-12), 16)),
    });
  });
  route('GET', '/incidents/:id/export', ({ response, params, session }) => {
    find(gateway, params[0]!, session);
    response.writeHead(200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': 'attachment; filename="incident-' + params[0] + '.zip"',
    });
    response.end(Buffer.from('504b0506000000000000000000000000000000000000', 'hex'));
  });
  route('GET', '/evidence/:id', ({ request, response, params }) => {
    const [, kind, n] = /^a10000(\w\w)-.*-(\w+)$/.exec(params[0]!) ?? [];
    const incident = gateway.incidents.find(
      (one) => one.incidentId === uuid(1, parseInt(n ?? '', 16)),
    );
    if (!incident) throw new Problem(404, 'Not Found', 'There is no such evidence.');
    if (kind === '0e') json(response, scoreCurve(incident));
    else if (kind === '0d') sendRange(request, response, clipFile, 'video/mp4');
    else sendRange(request, response, Buffer.from(scenes[0]![6]!.jpeg, 'base64'), 'image/jpeg');
  });
}
