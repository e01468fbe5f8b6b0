// A gateway for development and tests: the REST contract over plausible data in memory. Never shipped.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type {
  ApiToken,
  AuditEntry,
  Delivery,
  GetCameraResponse,
  Incident,
  IncidentTransition,
  Review,
  Role,
  User,
  WatchIncidentsResponse,
  Webhook,
} from '../src/gen/api';
import { adminRoutes } from './mock-admin';
import { attentionRoutes } from './mock-attention';
import { auditRoutes, makeAudit } from './mock-audit';
import { cameraRoutes } from './mock-cameras';
import { makeCameras, uuid } from './data-cameras';
import { makeIncident, reviewsOf, transitionsOf } from './data-incidents';
import { json, Problem, readJson, type Handler, type Route, type Session } from './mock-http';
import { incidentRoutes } from './mock-incidents';

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

export class MockGateway {
  cameras: GetCameraResponse[] = makeCameras();
  incidents: Incident[] = [];
  reviews = new Map<string, Review[]>();
  transitions = new Map<string, IncidentTransition[]>();
  users: User[] = [];
  tokens: ApiToken[] = [];
  webhooks: Webhook[] = [];
  deliveries: Delivery[] = [];
  audit: AuditEntry[] = makeAudit(Date.now());
  /** Path prefixes that answer with this problem, for tests of error states. */
  faults = new Map<string, Problem>();

  private readonly server: Server;
  readonly sessions = new Map<string, Session>();
  readonly watchers = new Set<ServerResponse>();
  private readonly routes: [string, RegExp, Handler][] = [];
  /** Streams of live pictures that are open. */
  liveStreams = 0;
  readonly timers = new Set<ReturnType<typeof setInterval>>();
  private failures = 0;
  cursor = 100;
  made = 1000;
  readonly feed: { id: number; text: string }[] = [];

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

  tell(event: string, message: Omit<WatchIncidentsResponse, 'cursor'>): void {
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
    const route: Route = (method, path, handler) => this.route(method, path, handler);
    this.addSession();
    incidentRoutes(this, route);
    cameraRoutes(this, route);
    attentionRoutes(this, route);
    adminRoutes(this, route);
    auditRoutes(this, route);
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
}
