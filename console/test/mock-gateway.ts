// A gateway for development and tests: the REST contract over plausible data in memory. Never shipped.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type {
  ApiToken,
  Camera,
  Delivery,
  GetCameraResponse,
  Incident,
  IncidentTransition,
  Principal,
  Review,
  Role,
  User,
  WatchIncidentsResponse,
  Webhook,
} from '../src/gen/api';
import { matches, type Filter } from '../src/incidents/filter';
import { newestFirst } from '../src/incidents/list_state';
import {
  clipFile,
  evidenceOf,
  liveVerdict,
  makeCameras,
  makeIncident,
  reviewsOf,
  scenes,
  scoreCurve,
  transitionsOf,
  uuid,
} from './mock-data';

const CSP =
  "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self'; script-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};
export const PASSWORD = 'correct horse battery';

interface Session {
  principal: Principal;
  csrf: string;
}
type Handler = (call: Call) => void | Promise<void>;
interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  params: string[];
  query: URLSearchParams;
  session: Session;
  body: () => Promise<Record<string, never>>;
}

class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly retryAfter?: number,
  ) {
    super(detail);
  }
}

export class MockGateway {
  cameras: GetCameraResponse[] = makeCameras();
  incidents: Incident[] = [];
  reviews = new Map<string, Review[]>();
  transitions = new Map<string, IncidentTransition[]>();
  users: User[] = [];
  tokens: ApiToken[] = [];
  webhooks: Webhook[] = [];
  deliveries: Delivery[] = [];
  /** Path prefixes that answer with this problem, for tests of error states. */
  faults = new Map<string, Problem>();

  private readonly server: Server;
  private readonly sessions = new Map<string, Session>();
  private readonly watchers = new Set<ServerResponse>();
  private readonly routes: [string, RegExp, Handler][] = [];
  private readonly timers = new Set<ReturnType<typeof setInterval>>();
  private failures = 0;
  private cursor = 100;
  private made = 1000;
  private readonly feed: { id: number; text: string }[] = [];

  constructor(private readonly staticFolder?: string) {
    const now = Date.now();
    for (let n = 0; n < 64; n++) {
      const camera = this.cameras[(n * 5 + (n % 3)) % 10]!.camera!;
      const incident = makeIncident(n, now - 40_000 - n * n * 26_000 - n * 240_000, camera);
      this.incidents.push(incident);
      this.reviews.set(incident.incidentId, reviewsOf(incident));
      this.transitions.set(incident.incidentId, transitionsOf(incident));
    }
    const scope = { storeIds: [] as string[], cameraIds: [] as string[] };
    const user = (
      name: string,
      role: Role,
      days: number,
      stores: string[] = [],
      disabled = false,
    ): User => ({
      name,
      role,
      scope: { ...scope, storeIds: stores },
      disabled,
      createTime: new Date(now - days * 86_400_000).toISOString(),
      lastLoginTime: disabled ? undefined : new Date(now - days * 3_600_000).toISOString(),
    });
    this.users = [
      user('a.admin', 'ROLE_ADMIN', 90),
      user('j.brandt', 'ROLE_OPERATOR', 40, ['berlin-mitte']),
      user('m.keller', 'ROLE_OPERATOR', 61),
      user('night.desk', 'ROLE_VIEWER', 12, ['hamburg-altona', 'wien-graben']),
      user('s.former', 'ROLE_VIEWER', 200, [], true),
    ];
    this.tokens = [
      {
        tokenId: uuid(30, 1),
        name: 'Store system Berlin',
        role: 'ROLE_INGEST',
        scope: { ...scope, storeIds: ['berlin-mitte'] },
        createTime: new Date(now - 5e9).toISOString(),
        lastUsedTime: new Date(now - 60_000).toISOString(),
      },
      {
        tokenId: uuid(30, 2),
        name: 'Reporting',
        role: 'ROLE_VIEWER',
        scope,
        createTime: new Date(now - 8e9).toISOString(),
        expireTime: new Date(now + 4e9).toISOString(),
      },
    ];
    const filter = {
      storeIds: [],
      cameraIds: [],
      kinds: [],
      minSeverity: 'SEVERITY_CRITICAL',
      state: 'INCIDENT_STATE_UNSPECIFIED',
      reviewState: 'REVIEW_STATE_UNSPECIFIED',
    } as const;
    this.webhooks = [
      {
        webhookId: uuid(40, 1),
        name: 'Control room pager',
        url: 'https://pager.example.com/hooks/aislewatch',
        filter: { ...filter, storeIds: [], cameraIds: [], kinds: [] },
        enabled: true,
        createTime: new Date(now - 4e9).toISOString(),
        waiting: 0,
        dead: 0,
        lastError: '',
      },
      {
        webhookId: uuid(40, 2),
        name: 'Case management',
        url: 'https://cases.example.com/api/events',
        filter: {
          ...filter,
          minSeverity: 'SEVERITY_WARNING',
          storeIds: ['berlin-mitte'],
          cameraIds: [],
          kinds: ['INCIDENT_KIND_CONCEALMENT'],
        },
        enabled: true,
        createTime: new Date(now - 3e9).toISOString(),
        waiting: 4,
        dead: 2,
        lastError: 'The receiver answered 503 Service Unavailable.',
      },
    ];
    this.deliveries = [1, 2, 3].map((n) => ({
      deliveryId: uuid(50, n),
      webhookId: uuid(40, 2),
      incidentId: this.incidents[n]!.incidentId,
      eventType: 'aislewatch.incident.opened',
      state: n === 3 ? 'DELIVERY_STATE_WAITING' : 'DELIVERY_STATE_DEAD',
      attempts: n === 3 ? 2 : 14,
      lastStatus: 503,
      lastError: 'The receiver answered 503 Service Unavailable.',
      createTime: new Date(now - n * 9e7).toISOString(),
      nextAttemptTime: n === 3 ? new Date(now + 60_000).toISOString() : undefined,
    }));
    this.addRoutes();
    this.server = createServer((request, response) => void this.handle(request, response));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Ends every session, as the clock would. */
  expireSessions(): void {
    this.sessions.clear();
    this.watchers.forEach((watcher) => watcher.end());
  }

  /** As if the cameras caused it: opens an incident and tells whoever watches. */
  openIncident(part: Partial<Incident> = {}): Incident {
    const n = this.made++;
    const camera = this.cameras[n % 4]!.camera!;
    const incident: Incident = {
      ...makeIncident(n, Date.now(), camera),
      state: 'INCIDENT_STATE_OPEN',
      closedTime: undefined,
      reviewState: 'REVIEW_STATE_UNREVIEWED',
      transitionNumber: 1,
      updatedTime: new Date().toISOString(),
      ...part,
    };
    this.incidents.push(incident);
    const transition: IncidentTransition = {
      number: 1,
      kind: 'TRANSITION_KIND_OPENED',
      time: incident.openedTime,
      incident,
    };
    this.transitions.set(incident.incidentId, [transition]);
    this.reviews.set(incident.incidentId, []);
    this.tell('transition', { transition });
    return incident;
  }

  addFault(
    pathPrefix: string,
    status: number,
    title: string,
    detail: string,
    retryAfter?: number,
  ): void {
    this.faults.set(pathPrefix, new Problem(status, title, detail, retryAfter));
  }

  private tell(event: string, message: Omit<WatchIncidentsResponse, 'cursor'>): void {
    const cursor = String(++this.cursor);
    const text = `event: ${event}\nid: ${cursor}\ndata: ${JSON.stringify({ cursor, ...message })}\n\n`;
    this.feed.push({ id: this.cursor, text });
    this.watchers.forEach((watcher) => watcher.write(text));
  }

  private route(method: string, path: string, handler: Handler): void {
    this.routes.push([method, new RegExp(`^/api/v1${path.replace(/:\w+/g, '([^/]+)')}$`), handler]);
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('Content-Security-Policy', CSP);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    try {
      if (!url.pathname.startsWith('/api/')) return this.serveFile(url.pathname, response);
      const body = () => readJson(request);
      const isLogin = url.pathname === '/api/v1/session' && request.method !== 'DELETE';
      const session = this.sessions.get(
        /aislewatch_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '',
      );
      if (!session && !isLogin)
        throw new Problem(401, 'Unauthorized', 'The session has ended; log in again.');
      if (
        session &&
        !isLogin &&
        request.method !== 'GET' &&
        request.headers['x-csrf-token'] !== session.csrf
      ) {
        throw new Problem(
          403,
          'Forbidden',
          'The X-CSRF-Token header is missing or wrong; reload the page.',
        );
      }
      for (const [prefix, problem] of this.faults)
        if (url.pathname.startsWith(`/api/v1${prefix}`) && session) throw problem;
      for (const [method, pattern, handler] of this.routes) {
        const found = method === request.method ? pattern.exec(url.pathname) : null;
        if (found) {
          await handler({
            request,
            response,
            params: found.slice(1).map(decodeURIComponent),
            query: url.searchParams,
            session: session!,
            body,
          });
          return;
        }
      }
      throw new Problem(404, 'Not Found', 'There is no such address; see /api/v1/openapi.json.');
    } catch (error) {
      const problem =
        error instanceof Problem ? error : new Problem(500, 'Internal Server Error', String(error));
      if (problem.retryAfter) response.setHeader('Retry-After', String(problem.retryAfter));
      response.writeHead(problem.status, { 'Content-Type': 'application/problem+json' });
      response.end(
        JSON.stringify({
          type: 'about:blank',
          title: problem.title,
          status: problem.status,
          detail: problem.detail,
        }),
      );
    }
  }

  private serveFile(path: string, response: ServerResponse): void {
    const root = this.staticFolder;
    if (!root) throw new Problem(404, 'Not Found', 'This mock serves no console.');
    let file = join(root, path);
    if (!extname(path) || !existsSync(file) || !statSync(file).isFile()) {
      if (extname(path)) throw new Problem(404, 'Not Found', 'There is no such file.');
      file = join(root, 'index.html');
    }
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(response);
  }

  private addRoutes(): void {
    this.addSession();
    this.addIncidents();
    this.addCameras();
    this.addAdmin();
  }

  private addSession(): void {
    const answer = (session: Session) => ({
      principal: session.principal,
      csrfToken: session.csrf,
    });
    this.route('POST', '/session', async ({ response, body }) => {
      const { name, password } = (await body()) as unknown as { name: string; password: string };
      const user = this.users.find((one) => one.name === name && !one.disabled);
      if (!user || password !== PASSWORD) {
        if (++this.failures > 5)
          throw new Problem(429, 'Too Many Requests', 'Too many failed logins.', 900);
        throw new Problem(401, 'Unauthorized', 'The name or the password is wrong.');
      }
      this.failures = 0;
      const key = `s${Math.random().toString(36).slice(2)}`;
      const session: Session = {
        principal: {
          name,
          role: user.role,
          scope: user.scope,
          isToken: false,
          expireTime: new Date(Date.now() + 4.3e7).toISOString(),
        },
        csrf: `c${Math.random().toString(36).slice(2)}`,
      };
      this.sessions.set(key, session);
      response.setHeader(
        'Set-Cookie',
        `aislewatch_session=${key}; HttpOnly; SameSite=Strict; Path=/`,
      );
      json(response, answer(session));
    });
    this.route('GET', '/session', ({ request, response }) => {
      const session = this.sessions.get(
        /aislewatch_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '',
      );
      if (!session) throw new Problem(401, 'Unauthorized', 'There is no session; log in.');
      json(response, answer(session));
    });
    this.route('DELETE', '/session', ({ response, session }) => {
      for (const [key, one] of this.sessions) if (one === session) this.sessions.delete(key);
      response.writeHead(204).end();
    });
    this.route('POST', '/session/password', async ({ response, body }) => {
      const { currentPassword } = (await body()) as unknown as { currentPassword: string };
      if (currentPassword !== PASSWORD)
        throw new Problem(403, 'Forbidden', 'The present password is wrong.');
      response.writeHead(204).end();
    });
  }

  private incident(id: string): Incident {
    const found = this.incidents.find((one) => one.incidentId === id);
    if (!found) throw new Problem(404, 'Not Found', 'There is no such incident.');
    return found;
  }

  private addIncidents(): void {
    this.route('GET', '/incidents/stream', ({ request, response }) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      const after = Number(request.headers['last-event-id'] ?? NaN);
      response.write(
        `event: cursor\nid: ${this.cursor}\ndata: ${JSON.stringify({ cursor: String(this.cursor) })}\n\n`,
      );
      if (!Number.isNaN(after))
        this.feed.filter((one) => one.id > after).forEach((one) => response.write(one.text));
      this.watchers.add(response);
      response.on('close', () => this.watchers.delete(response));
    });
    this.route('GET', '/incidents', ({ response, query }) => {
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
      const all = this.incidents
        .filter((incident) => matches(filter, incident, Date.now()))
        .sort(newestFirst);
      json(response, {
        incidents: all.slice(skip, skip + size),
        nextPageToken: skip + size < all.length ? String(skip + size) : '',
      });
    });
    this.route('GET', '/incidents/:id', ({ response, params }) => {
      const incident = this.incident(params[0]!);
      json(response, {
        incident,
        transitions: this.transitions.get(incident.incidentId),
        reviews: this.reviews.get(incident.incidentId),
      });
    });
    this.route('POST', '/incidents/:id/reviews', async ({ response, params, body, session }) => {
      if (session.principal.role === 'ROLE_VIEWER')
        throw new Problem(403, 'Forbidden', 'Reviews need the role operator.');
      const incident = this.incident(params[0]!);
      const { state, note } = (await body()) as unknown as Review;
      const review: Review = {
        reviewId: uuid(60, this.made++),
        incidentId: incident.incidentId,
        state,
        note,
        reviewer: session.principal.name,
        createTime: new Date().toISOString(),
      };
      incident.reviewState = state;
      this.reviews.get(incident.incidentId)?.push(review);
      this.tell('review', { review });
      json(response, { review });
    });
    this.route('PUT', '/incidents/:id/hold', async ({ response, params, body }) => {
      const incident = this.incident(params[0]!);
      incident.hold = ((await body()) as unknown as { hold: boolean }).hold;
      json(response, { incident });
    });
    this.route('GET', '/incidents/:id/evidence', ({ response, params }) => {
      const incident = this.incident(params[0]!);
      json(response, {
        evidence: evidenceOf(incident, parseInt(incident.incidentId.slice(-12), 16)),
      });
    });
    this.route('GET', '/incidents/:id/export', ({ response, params }) => {
      this.incident(params[0]!);
      response.writeHead(200, {
        'Content-Type': 'application/zip',
        'Content-Disposition': 'attachment; filename="incident.zip"',
      });
      response.end(Buffer.from('504b0506000000000000000000000000000000000000', 'hex'));
    });
    this.route('GET', '/evidence/:id', ({ request, response, params }) => {
      const [, kind, n] = /^a10000(\w\w)-.*-(\w+)$/.exec(params[0]!) ?? [];
      const incident = this.incidents.find(
        (one) => one.incidentId === uuid(1, parseInt(n ?? '', 16)),
      );
      if (!incident) throw new Problem(404, 'Not Found', 'There is no such evidence.');
      if (kind === '0e') json(response, scoreCurve(incident));
      else if (kind === '0d') sendRange(request, response, clipFile, 'video/mp4');
      else sendRange(request, response, Buffer.from(scenes[0]![6]!.jpeg, 'base64'), 'image/jpeg');
    });
  }

  private camera(id: string): GetCameraResponse {
    const found = this.cameras.find((one) => one.camera?.cameraId === id);
    if (!found) throw new Problem(404, 'Not Found', 'There is no such camera.');
    return found;
  }

  private addCameras(): void {
    this.route('GET', '/cameras', ({ response }) => {
      for (const { status } of this.cameras)
        if (status?.reportTime) status.reportTime = new Date().toISOString();
      json(response, { cameras: this.cameras, nextPageToken: '' });
    });
    this.route('GET', '/cameras/:id', ({ response, params }) =>
      json(response, this.camera(params[0]!)),
    );
    this.route('POST', '/cameras', async ({ response, body }) => {
      const camera = (await body()) as unknown as Camera;
      if (this.cameras.some((one) => one.camera?.cameraId === camera.cameraId))
        throw new Problem(
          409,
          'Conflict',
          `A camera "${camera.cameraId}" is there already; choose another id.`,
        );
      const stored = { ...camera, revision: '1' };
      this.cameras.push({ camera: stored, status: { holder: '' } });
      response.statusCode = 201;
      json(response, { camera: stored });
    });
    this.route('PUT', '/cameras/:id', async ({ response, params, body, session }) => {
      if (session.principal.role !== 'ROLE_ADMIN')
        throw new Problem(403, 'Forbidden', 'Cameras are changed by admins.');
      const entry = this.camera(params[0]!);
      const camera = (await body()) as unknown as Camera;
      if (camera.revision !== '0' && camera.revision !== entry.camera!.revision) {
        throw new Problem(
          409,
          'Conflict',
          `The camera was changed meanwhile: revision ${camera.revision} was sent, ${entry.camera!.revision} is stored. Read it again.`,
        );
      }
      entry.camera = { ...camera, revision: String(Number(entry.camera!.revision) + 1) };
      json(response, { camera: entry.camera });
    });
    this.route('DELETE', '/cameras/:id', ({ response, params }) => {
      this.camera(params[0]!);
      this.cameras = this.cameras.filter((one) => one.camera?.cameraId !== params[0]);
      response.writeHead(204).end();
    });
    this.route('POST', '/probe', async ({ response, body }) => {
      const { sourceUrl } = (await body()) as unknown as { sourceUrl: string };
      if (!/^(rtsps?|https?|file):\/\/|^device:\d+$/.test(sourceUrl))
        throw new Problem(
          400,
          'Bad Request',
          'source_url must be rtsp://, rtsps://, http://, https://, file:///path or device:N.',
        );
      if (sourceUrl.includes('wrong'))
        json(response, {
          error: 'The camera refused the password (RTSP 401); check user and password.',
          width: 0,
          height: 0,
          fps: 0,
          codec: '',
        });
      else
        json(response, {
          error: '',
          width: 1920,
          height: 1080,
          fps: 25,
          codec: 'h264',
          picture: {
            encoding: 'IMAGE_ENCODING_JPEG',
            width: 480,
            height: 270,
            data: scenes[1]![3]!.jpeg,
          },
        });
    });
    this.route('GET', '/cameras/:id/snapshot', ({ response, params }) => {
      const entry = this.camera(params[0]!);
      if (entry.status?.pipeline?.sourceState !== 'SOURCE_STATE_ONLINE')
        throw new Problem(
          503,
          'Service Unavailable',
          'The camera is not running, so there is no picture of it.',
        );
      response
        .writeHead(200, { 'Content-Type': 'image/jpeg' })
        .end(Buffer.from(scenes[0]![4]!.jpeg, 'base64'));
    });
    this.route('GET', '/live', ({ response, query }) => {
      const ids = query.getAll('cameraIds');
      const fps = Number(query.get('fps')) || 5;
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      let tick = 0;
      const send = () => {
        ids.forEach((cameraId, i) => {
          const at = this.cameras.findIndex((one) => one.camera?.cameraId === cameraId);
          const pipeline = this.cameras[at]?.status?.pipeline;
          if (pipeline?.sourceState !== 'SOURCE_STATE_ONLINE') {
            if (tick % 10 === 0)
              response.write(
                `event: gone\ndata: ${JSON.stringify({ cameraId, detail: pipeline ? 'The camera is offline.' : 'No ingest replica runs the camera.' })}\n\n`,
              );
            return;
          }
          const { verdict, jpeg } = liveVerdict(at, tick + i * 5 + at * 3, at, pipeline.degraded);
          const frame = {
            verdict,
            image: { encoding: 'IMAGE_ENCODING_JPEG', width: 480, height: 270, data: jpeg },
          };
          response.write(`event: frame\ndata: ${JSON.stringify({ cameraId, frame })}\n\n`);
        });
        tick++;
      };
      send();
      const timer = setInterval(send, 1000 / fps);
      this.timers.add(timer);
      response.on('close', () => {
        clearInterval(timer);
        this.timers.delete(timer);
      });
    });
  }

  private addAdmin(): void {
    this.route('GET', '/system', ({ response }) =>
      json(response, {
        grafanaUrl: 'https://grafana.example.com/d/aislewatch',
        services: [
          {
            name: 'ingest',
            address: '10.1.0.11:50051',
            ready: true,
            version: '0.1.0',
            models: [],
            metrics: { queueLength: 1, dropRate: 0.002 },
            error: '',
          },
          {
            name: 'ingest',
            address: '10.1.0.12:50051',
            ready: true,
            version: '0.1.0',
            models: [],
            metrics: { queueLength: 0, dropRate: 0 },
            error: '',
          },
          {
            name: 'pose',
            address: '10.1.0.21:50052',
            ready: true,
            version: '0.1.0',
            models: [{ role: 'pose', name: 'movenet-multipose', version: '1' }],
            metrics: { queueLength: 3, dropRate: 0.041 },
            error: '',
          },
          {
            name: 'classifier',
            address: '10.1.0.31:50053',
            ready: false,
            version: '',
            models: [],
            metrics: {},
            error: 'No answer from 10.1.0.31:9093 within 2 s.',
          },
          {
            name: 'fusion',
            address: '10.1.0.41:50054',
            ready: true,
            version: '0.1.0',
            models: [
              { role: 'pose_anomaly', name: 'posture', version: '1' },
              { role: 'risk', name: 'risk', version: '1' },
            ],
            metrics: { queueLength: 0, dropRate: 0 },
            error: '',
          },
          {
            name: 'events',
            address: '10.1.0.51:50055',
            ready: true,
            version: '0.1.0',
            models: [],
            metrics: { queueLength: null, dropRate: null },
            error: '',
          },
        ],
      }),
    );
    const admin =
      (handler: Handler): Handler =>
      (call) => {
        if (call.session.principal.role !== 'ROLE_ADMIN')
          throw new Problem(403, 'Forbidden', 'This is for admins.');
        return handler(call);
      };
    this.route(
      'GET',
      '/users',
      admin(({ response }) => json(response, { users: this.users })),
    );
    this.route(
      'POST',
      '/users',
      admin(async ({ response, body }) => {
        const { user, password } = (await body()) as unknown as { user: User; password: string };
        if (password.length < 12)
          throw new Problem(
            400,
            'Bad Request',
            'The password has fewer than 12 bytes; choose a longer one.',
          );
        const stored: User = { ...user, createTime: new Date().toISOString() };
        this.users.push(stored);
        json(response, { user: stored });
      }),
    );
    this.route(
      'PUT',
      '/users/:name',
      admin(async ({ response, params, body }) => {
        const { user } = (await body()) as unknown as { user: User };
        if (params[0] === 'a.admin' && user.role !== 'ROLE_ADMIN')
          throw new Problem(
            409,
            'Conflict',
            'No enabled admin of the whole installation would be left; make another one first.',
          );
        this.users = this.users.map((one) => (one.name === params[0] ? { ...one, ...user } : one));
        json(response, { user });
      }),
    );
    this.route(
      'DELETE',
      '/users/:name',
      admin(({ response, params }) => {
        this.users = this.users.filter((one) => one.name !== params[0]);
        response.writeHead(204).end();
      }),
    );
    this.route(
      'GET',
      '/tokens',
      admin(({ response }) => json(response, { tokens: this.tokens })),
    );
    this.route(
      'POST',
      '/tokens',
      admin(async ({ response, body }) => {
        const { token } = (await body()) as unknown as { token: ApiToken };
        const stored = {
          ...token,
          tokenId: uuid(30, this.made++),
          createTime: new Date().toISOString(),
        };
        this.tokens.unshift(stored);
        json(response, {
          token: stored,
          secret: 'awt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
        });
      }),
    );
    this.route(
      'DELETE',
      '/tokens/:id',
      admin(({ response, params }) => {
        this.tokens = this.tokens.map((one) =>
          one.tokenId === params[0] ? { ...one, revokeTime: new Date().toISOString() } : one,
        );
        response.writeHead(204).end();
      }),
    );
    this.addWebhooks(admin);
  }

  private addWebhooks(admin: (handler: Handler) => Handler): void {
    this.route(
      'GET',
      '/webhooks',
      admin(({ response }) => json(response, { webhooks: this.webhooks })),
    );
    this.route(
      'POST',
      '/webhooks',
      admin(async ({ response, body }) => {
        const { webhook } = (await body()) as unknown as { webhook: Webhook };
        if (/localhost|127\.|169\.254/.test(webhook.url))
          throw new Problem(
            400,
            'Bad Request',
            'The address is loopback or link-local, which event storage does not allow; use another one.',
          );
        const stored = {
          ...webhook,
          webhookId: uuid(40, this.made++),
          createTime: new Date().toISOString(),
          waiting: 0,
          dead: 0,
          lastError: '',
        };
        this.webhooks.push(stored);
        json(response, {
          webhook: stored,
          secret: 'whsec_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
        });
      }),
    );
    this.route(
      'PUT',
      '/webhooks/:id',
      admin(async ({ response, params, body }) => {
        const { webhook } = (await body()) as unknown as { webhook: Webhook };
        this.webhooks = this.webhooks.map((one) =>
          one.webhookId === params[0] ? { ...one, ...webhook } : one,
        );
        json(response, { webhook });
      }),
    );
    this.route(
      'DELETE',
      '/webhooks/:id',
      admin(({ response, params }) => {
        this.webhooks = this.webhooks.filter((one) => one.webhookId !== params[0]);
        response.writeHead(204).end();
      }),
    );
    this.route(
      'POST',
      '/webhooks/:id/test',
      admin(({ response, params }) =>
        json(
          response,
          params[0] === uuid(40, 2)
            ? {
                delivered: false,
                status: 503,
                error: 'The receiver answered 503 Service Unavailable.',
              }
            : { delivered: true, status: 204, error: '' },
        ),
      ),
    );
    this.route(
      'GET',
      '/webhooks/:id/deliveries',
      admin(({ response, params, query }) =>
        json(response, {
          deliveries: this.deliveries.filter(
            (one) =>
              one.webhookId === params[0] &&
              (!query.get('state') || one.state === query.get('state')),
          ),
          nextPageToken: '',
        }),
      ),
    );
    this.route(
      'POST',
      '/deliveries/:id/retry',
      admin(({ response, params }) => {
        this.deliveries = this.deliveries.map((one) =>
          one.deliveryId === params[0] ? { ...one, state: 'DELIVERY_STATE_WAITING' } : one,
        );
        json(response, {});
      }),
    );
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

async function readJson(request: IncomingMessage): Promise<Record<string, never>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, never>;
}

function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  type: string,
): void {
  const headers = { 'Content-Type': type, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) {
    response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes);
    return;
  }
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  response.writeHead(206, {
    ...headers,
    'Content-Range': `bytes ${from}-${to}/${bytes.length}`,
    'Content-Length': to - from + 1,
  });
  response.end(bytes.subarray(from, to + 1));
}
