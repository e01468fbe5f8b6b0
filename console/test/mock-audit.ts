// The audit log of the mock gateway.
import type { AuditEntry, Role } from '../src/gen/api';
import { uuid } from './data-cameras';
import type { MockGateway } from './mock-gateway';
import { admin, json, Problem, type Route } from './mock-http';

type Deed = [principal: string, role: Role, action: string, target: string, result: string];

const deeds: Deed[] = [
  ['m.keller', 'ROLE_OPERATOR', 'ReviewIncident', `incident ${uuid(1, 3)}`, 'OK'],
  ['m.keller', 'ROLE_OPERATOR', 'DownloadEvidence', `evidence ${uuid(13, 3)}`, 'OK'],
  ['Reporting', 'ROLE_VIEWER', 'ReviewIncident', `incident ${uuid(1, 5)}`, 'PERMISSION_DENIED'],
  ['a.admin', 'ROLE_ADMIN', 'UpdateCamera', 'camera aisle-1', 'OK'],
  ['j.brandt', 'ROLE_OPERATOR', 'SetIncidentHold', `incident ${uuid(1, 3)}`, 'OK'],
  ['m.keler', 'ROLE_UNSPECIFIED', 'Login', 'user m.keler', 'UNAUTHENTICATED'],
  ['m.keller', 'ROLE_OPERATOR', 'Login', 'user m.keller', 'OK'],
  ['a.admin', 'ROLE_ADMIN', 'CreateUser', 'user j.brandt', 'OK'],
  ['j.brandt', 'ROLE_OPERATOR', 'ExportIncident', `incident ${uuid(1, 9)}`, 'OK'],
  ['a.admin', 'ROLE_ADMIN', 'UpdateWebhook', `webhook ${uuid(40, 2)}`, 'OK'],
  ['night.desk', 'ROLE_VIEWER', 'UpdateCamera', 'camera hh-entrance', 'PERMISSION_DENIED'],
];

export function makeAudit(now: number): AuditEntry[] {
  return Array.from({ length: 130 }, (_, n) => {
    const [principal, role, action, target, result] = deeds[(n * 7) % deeds.length]!;
    return {
      number: String(5000 - n),
      time: new Date(now - 30_000 - n * n * 41_000 - n * 190_000).toISOString(),
      principal,
      role,
      isToken: principal === 'Reporting',
      action,
      target,
      result,
    };
  });
}

export function auditRoutes(gateway: MockGateway, route: Route): void {
  route(
    'GET',
    '/audit',
    admin(({ response, query, session }) => {
      if (session.principal.scope?.storeIds.length)
        throw new Problem(
          403,
          'Forbidden',
          'The audit log is for admins of the whole installation.',
        );
      const time = (name: string) => Date.parse(query.get(name) ?? '');
      const fits = (entry: AuditEntry) =>
        (!query.get('principal') || entry.principal === query.get('principal')) &&
        (!query.get('target') || entry.target === query.get('target')) &&
        !(Date.parse(entry.time!) < time('fromTime')) &&
        !(Date.parse(entry.time!) >= time('untilTime'));
      const size = Number(query.get('pageSize')) || 100;
      const skip = Number(query.get('pageToken')) || 0;
      const all = gateway.audit.filter(fits);
      json(response, {
        entries: all.slice(skip, skip + size),
        nextPageToken: skip + size < all.length ? String(skip + size) : '',
      });
    }),
  );
}
