import { expect, test } from 'vitest';
import { actionWords, auditQuery, parseAudit } from './audit_tab';

test('the conditions of the log come back from their own address', () => {
  for (const text of [
    '',
    'principal=ada&target=camera+aisle-1&span=24h',
    'from=2026-03-01T00%3A00%3A00.000Z',
  ])
    expect(auditQuery(parseAudit(new URLSearchParams(text))).toString()).toBe(text);
  expect(auditQuery(parseAudit(new URLSearchParams('span=9y&from=soon&x=1'))).toString()).toBe('');
});

test('methods are told in words', () => {
  expect(['ReviewIncident', 'Login', 'CreateApiToken'].map(actionWords)).toEqual([
    'Review incident',
    'Login',
    'Create api token',
  ]);
});
