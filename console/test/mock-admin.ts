// System, users, tokens and webhooks of the mock gateway.
import type { ApiToken, User, Webhook } from '../src/gen/api';
import { uuid } from './data-cameras';
import type { MockGateway } from './mock-gateway';
import { admin, json, Problem, type Route } from './mock-http';

export function adminRoutes(gateway: MockGateway, route: Route): void {
  route('GET', '/system', ({ response }) =>
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
  route(
    'GET',
    '/users',
    admin(({ response }) => json(response, { users: gateway.users })),
  );
  route(
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
      gateway.users.push(stored);
      json(response, { user: stored });
    }),
  );
  route(
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
      gateway.users = gateway.users.map((one) =>
        one.name === params[0] ? { ...one, ...user } : one,
      );
      json(response, { user });
    }),
  );
  route(
    'DELETE',
    '/users/:name',
    admin(({ response, params }) => {
      gateway.users = gateway.users.filter((one) => one.name !== params[0]);
      response.writeHead(204).end();
    }),
  );
  route(
    'GET',
    '/tokens',
    admin(({ response }) => json(response, { tokens: gateway.tokens })),
  );
  route(
    'POST',
    '/tokens',
    admin(async ({ response, body }) => {
      const { token } = (await body()) as unknown as { token: ApiToken };
      const stored = {
        ...token,
        tokenId: uuid(30, gateway.made++),
        createTime: new Date().toISOString(),
      };
      gateway.tokens.unshift(stored);
      json(response, {
        token: stored,
        secret: 'awt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
      });
    }),
  );
  route(
    'DELETE',
    '/tokens/:id',
    admin(({ response, params }) => {
      gateway.tokens = gateway.tokens.map((one) =>
        one.tokenId === params[0] ? { ...one, revokeTime: new Date().toISOString() } : one,
      );
      response.writeHead(204).end();
    }),
  );
  webhookRoutes(gateway, route);
}

function webhookRoutes(gateway: MockGateway, route: Route): void {
  route(
    'GET',
    '/webhooks',
    admin(({ response }) => json(response, { webhooks: gateway.webhooks })),
  );
  route(
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
        webhookId: uuid(40, gateway.made++),
        createTime: new Date().toISOString(),
        waiting: 0,
        dead: 0,
        lastError: '',
      };
      gateway.webhooks.push(stored);
      json(response, {
        webhook: stored,
        secret: 'whsec_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
      });
    }),
  );
  route(
    'PUT',
    '/webhooks/:id',
    admin(async ({ response, params, body }) => {
      const { webhook } = (await body()) as unknown as { webhook: Webhook };
      gateway.webhooks = gateway.webhooks.map((one) =>
        one.webhookId === params[0] ? { ...one, ...webhook } : one,
      );
      json(response, { webhook });
    }),
  );
  route(
    'DELETE',
    '/webhooks/:id',
    admin(({ response, params }) => {
      gateway.webhooks = gateway.webhooks.filter((one) => one.webhookId !== params[0]);
      response.writeHead(204).end();
    }),
  );
  route(
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
  route(
    'GET',
    '/webhooks/:id/deliveries',
    admin(({ response, params, query }) =>
      json(response, {
        deliveries: gateway.deliveries.filter(
          (one) =>
            one.webhookId === params[0] &&
            (!query.get('state') || one.state === query.get('state')),
        ),
        nextPageToken: '',
      }),
    ),
  );
  route(
    'POST',
    '/deliveries/:id/retry',
    admin(({ response, params }) => {
      gateway.deliveries = gateway.deliveries.map((one) =>
        one.deliveryId === params[0] ? { ...one, state: 'DELIVERY_STATE_WAITING' } : one,
      );
      json(response, {});
    }),
  );
}
