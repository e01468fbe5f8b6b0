// Several tabs of one browser: what they share, and what a hidden one lets go.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { bench, logIn, useBench, user } from './harness';
import { PASSWORD } from './mock-gateway';

useBench();

const row = (page: Page, id: string) => page.locator(`[data-incident="${id}"]`);

async function openTab(path: string): Promise<Page> {
  const page = await user.context.newPage();
  await page.goto(bench.address + path);
  await page.locator('.incident-row').first().waitFor();
  return page;
}

test('three tabs read one stream of incidents, and another goes on where the one that reads is closed', async () => {
  await logIn(user, bench, 'm.keller', '/incidents');
  await user.page.locator('.incident-row').first().waitFor();
  const others = [await openTab('/incidents'), await openTab('/incidents')];
  expect(bench.gateway.watchers.size).toBe(1);
  const first = bench.gateway.openIncident({ severity: 'SEVERITY_CRITICAL' });
  for (const page of [user.page, ...others])
    await row(page, first.incidentId).waitFor({ timeout: 2000 });

  await user.page.close();
  // Nobody may be reading at this moment; whoever reads next asks for it.
  const second = bench.gateway.openIncident({ severity: 'SEVERITY_CRITICAL' });
  for (const page of others) await row(page, second.incidentId).waitFor({ timeout: 10_000 });
  await expect.poll(() => bench.gateway.watchers.size).toBe(1);
  for (const page of others)
    expect(await page.locator('.incident-row').first().getAttribute('data-incident')).toBe(
      second.incidentId,
    );
});

test('a tab whose lock is taken reads on once it gets the lock again', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/incidents');
  await page.locator('.incident-row').first().waitFor();
  await expect.poll(() => bench.gateway.watchers.size).toBe(1);
  const [before] = bench.gateway.watchers;
  await page.evaluate(() =>
    navigator.locks.request('aislewatch.incidents.m.keller', { steal: true }, () => {}),
  );
  await expect.poll(() => bench.gateway.watchers.has(before!)).toBe(false);
  await expect.poll(() => bench.gateway.watchers.size).toBe(1);
  const incident = bench.gateway.openIncident();
  await row(page, incident.incidentId).waitFor({ timeout: 2000 });
});

test('a tab that nobody looks at closes its stream of live pictures', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/live');
  await page.locator('[data-live=true]').first().waitFor();
  expect(bench.gateway.liveStreams).toBe(1);
  const show = (visible: boolean) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: !state });
      document.dispatchEvent(new Event('visibilitychange'));
    }, visible);
  await show(false);
  await expect.poll(() => bench.gateway.liveStreams).toBe(0);
  await show(true);
  await expect.poll(() => bench.gateway.liveStreams).toBe(1);
});

test('a login in one tab is one in all of them', async () => {
  await logIn(user, bench, 'm.keller', '/incidents');
  await user.page.locator('.incident-row').first().waitFor();
  const incident = bench.gateway.openIncident();
  const other = await openTab(`/incidents/${incident.incidentId}`);
  bench.gateway.expireSessions();
  for (const page of [user.page, other]) await page.getByText('Your session has ended').waitFor();
  await user.page.locator('.login').getByLabel('Password').fill(PASSWORD);
  await user.page.getByRole('button', { name: 'Log in' }).click();
  for (const page of [user.page, other])
    await page.getByText('Your session has ended').waitFor({ state: 'detached' });
  await expect.poll(() => bench.gateway.watchers.size).toBe(1);
  // With the new session's CSRF token, or this would be refused.
  await other.keyboard.press('c');
  await other.getByRole('article').getByText('Confirmed by m.keller').waitFor();
});
