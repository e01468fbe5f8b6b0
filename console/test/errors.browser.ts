// What staff see where something is not there, not theirs, or away: a page of its own with a way on, and no
// hint whether a thing exists.
import { expect, test } from 'vitest';
import { bench, logIn, useBench, user } from './harness';

useBench();

const incident = (n: number) => `a1000001-7c1e-4b02-9d3f-${n.toString(16).padStart(12, '0')}`;
const AWAY = 'Event storage is away. Incidents are kept by ingest and appear once it is back.';

test('another store’s incident reads like one that never was', async () => {
  const { page } = user;
  const article = page.getByRole('article');
  await logIn(user, bench, 'j.brandt', `/incidents/${incident(3)}`);
  await page.getByRole('heading', { name: 'There is no such incident' }).waitFor();
  const theirs = await article.textContent();
  await page.goto(`${bench.address}/incidents/${incident(4000)}`);
  await page.getByRole('heading', { name: 'There is no such incident' }).waitFor();
  expect(await article.textContent()).toBe(theirs);
  expect(theirs).not.toContain('hamburg');
  await page.getByRole('link', { name: 'Back to the list' }).click();
  await page.locator('.incident-row').first().waitFor();
  expect(await page.locator('.incident-row').filter({ hasText: 'hamburg' }).count()).toBe(0);
});

test('an incident that retention removes while it is open says so', async () => {
  const { page } = user;
  const gone = bench.gateway.openIncident();
  await logIn(user, bench, 'm.keller', `/incidents/${gone.incidentId}`);
  await page.getByRole('article').getByRole('heading', { level: 2 }).first().waitFor();
  // At the very moment of the review: the page may ask for the incident at any other.
  await page.route('**/reviews', (route) => {
    bench.gateway.incidents = bench.gateway.incidents.filter((one) => one !== gone);
    return route.continue();
  });
  await page.getByRole('button', { name: /Confirm/ }).click();
  await page.getByText('1 review not stored').first().waitFor();
  // Whatever is heard of it makes the page ask again.
  bench.gateway.tell('review', {
    review: {
      reviewId: 'r',
      incidentId: gone.incidentId,
      state: 'REVIEW_STATE_CONFIRMED',
      reviewer: 'j.brandt',
      note: '',
    },
  });
  await page.getByRole('heading', { name: 'There is no such incident' }).waitFor();
  await page.getByText('Retention removed it').waitFor();
  expect(await page.locator('video').count()).toBe(0);
});

test('a session that is forged or ended leads to the login, and back to the page', async () => {
  const { page, context } = user;
  const { hostname } = new URL(bench.address);
  await context.addCookies([
    { name: 'aislewatch_session', value: 'forged', domain: hostname, path: '/' },
  ]);
  await logIn(user, bench, 'm.keller', `/incidents/${incident(3)}`);
  await page.getByRole('article').getByRole('heading', { level: 2 }).first().waitFor();
  bench.gateway.expireSessions();
  await page.reload();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(await page.locator('body').textContent()).not.toContain('hh-entrance');
  expect(page.url()).toContain(incident(3));
});

test('with event storage away each page says so, and goes on once it is back', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/incidents');
  await page.locator('.incident-row').first().waitFor();
  const pages: [path: string, fault: string, back: string][] = [
    ['/incidents', '/session', '.incident-row'],
    [`/incidents/${incident(3)}`, `/incidents/${incident(3)}/evidence`, 'video'],
    ['/cameras', '/cameras', '.camera-table tbody tr'],
    ['/cameras/aisle-1', '/cameras/aisle-1', '.zone-canvas'],
    ['/insights', '/attention', '.zone-table tbody tr'],
    ['/system/users', '/users', '.table tbody tr'],
    ['/system/webhooks', '/webhooks', '.cards > li'],
    ['/system/audit', '/audit', '.audit-table tbody tr'],
  ];
  for (const [path, fault, back] of pages) {
    bench.gateway.addFault(fault, 503, 'Service Unavailable', AWAY, 2);
    await page.goto(bench.address + path);
    await page.getByText('Not available at present').first().waitFor();
    await page.getByText(AWAY).first().waitFor();
    bench.gateway.faults.clear();
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.locator(back).first().waitFor();
  }
});

test('a stream of incidents that breaks is told, and heals by itself', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/incidents');
  await page.locator('.incident-row').first().waitFor();
  bench.gateway.addFault('/incidents/stream', 503, 'Service Unavailable', AWAY, 1);
  bench.gateway.watchers.forEach((watcher) => watcher.end());
  await page.getByText('Arrivals interrupted').waitFor();
  const missed = bench.gateway.openIncident();
  bench.gateway.faults.clear();
  await page.getByText('Arrivals interrupted').waitFor({ state: 'detached' });
  await page.locator(`[data-incident="${missed.incidentId}"]`).waitFor();
});
