// Shoppers' attention, rules that are tried, and the audit log, in a real Chromium.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bench, DIST, logIn, useBench, user, visit } from './harness';
import { MockGateway } from './mock-gateway';

useBench();

const zoneRows = () => user.page.locator('.zone-table tbody tr');
const asked = (path: string) => {
  const urls: URL[] = [];
  user.page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === `/api/v1${path}`) urls.push(url);
  });
  return urls;
};

test('attention is told by zone, in the zone of the device, and the choice is in the address', async () => {
  const { page } = user;
  const requests = asked('/attention');
  await logIn(user, bench, 'm.keller', '/insights');
  await zoneRows().first().waitFor();
  const step = requests.find((url) => url.searchParams.get('step') === 'ATTENTION_STEP_DAY')!;
  expect(step.searchParams.get('timeZone')).toBe('Europe/Berlin');
  expect(new Date(step.searchParams.get('fromTime')!).getUTCHours()).toBeGreaterThanOrEqual(22);

  await page.getByRole('button', { name: /^Store: All/ }).click();
  await page.getByRole('checkbox', { name: 'berlin-mitte' }).check();
  await page.keyboard.press('Escape');
  await expect.poll(() => new URL(page.url()).search).toBe('?store=berlin-mitte');
  await expect
    .poll(async () => (await zoneRows().allTextContents()).every((one) => one.includes('berlin')))
    .toBe(true);
  await page.getByRole('button', { name: /^Period/ }).click();
  await page.getByRole('button', { name: 'Yesterday' }).click();
  await page.getByRole('heading', { name: 'All zones by hour' }).waitFor();
  await page.getByText('The numbers as a table').click();
  expect(await page.locator('.chart-table tbody tr').count()).toBeGreaterThanOrEqual(23);
  await page.reload();
  await page.getByRole('heading', { name: 'All zones by hour' }).waitFor();
  expect(page.url()).toContain('period=yesterday');

  await page.getByRole('button', { name: /^Period/ }).click();
  await page.getByLabel('Last day').fill('2025-01-05');
  await page.getByLabel('First day').fill('2025-01-09');
  await page.getByText('The last day is before the first.').waitFor();
  expect(await page.getByRole('button', { name: 'Show these days' }).isDisabled()).toBe(true);
  await page.getByLabel('Last day').fill('2025-01-20');
  await page.getByRole('button', { name: 'Show these days' }).click();
  await page.getByRole('heading', { name: 'All zones by day' }).waitFor();
  expect(new URL(page.url()).searchParams.get('first')).toBe('2025-01-09');
  await expect.poll(() => page.locator('.chart-table tbody tr').count()).toBe(12);
  // The clocks of 2025 have not changed by then: midnight is 23:00 UTC of the day before.
  expect(requests.at(-1)!.searchParams.get('untilTime')).toBe('2025-01-20T23:00:00.000Z');
});

test('the table is sorted by any column, and a zone of it is shown in the chart', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/insights?store=berlin-mitte');
  await zoneRows().first().waitFor();
  const column = async (n: number) =>
    (await zoneRows().locator(`td:nth-of-type(${n})`).allTextContents()).map((text) =>
      Number(text.replace(/,/g, '').match(/[\d.]+/)?.[0]),
    );
  const passers = await column(1);
  expect(passers).toEqual([...passers].sort((a, b) => b - a));
  await page.getByRole('button', { name: /^Looking time/ }).click();
  const times = await column(3);
  expect(times).toEqual([...times].sort((a, b) => b - a));
  await page.getByRole('button', { name: /^Looking time/ }).click();
  expect(await column(3)).toEqual([...times].reverse());

  const all = await page.locator('.measure-value').first().textContent();
  await page.locator('.zone-pick').filter({ hasText: 'Shop window' }).click();
  await page.getByRole('heading', { name: 'Shop window, Entrance by day' }).waitFor();
  expect(page.url()).toContain('zone=entrance%2Fwindow%2Fstorefront');
  expect(await page.locator('.measure-value').first().textContent()).not.toBe(all);
  expect(await page.locator('.funnels > li').count()).toBe(1);
  await page.getByRole('button', { name: 'Show all zones' }).click();
  await page.getByRole('heading', { name: 'All zones by day' }).waitFor();
});

test('the numbers are downloaded as CSV with the same choice', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/insights?store=wien-graben&period=yesterday');
  await zoneRows().first().waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('attention.csv');
  const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toMatch(/^store,camera,zone,zone_kind,start_time,passers_by/);
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.slice(1).every((line) => line.startsWith('wien-graben,'))).toBe(true);
});

test('without zones the page says how to draw them; errors are told with a way on', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/insights?camera=vie-office&kind=storefront');
  await page.getByText('No such zones are drawn here').waitFor();
  expect(
    await page.getByRole('link', { name: 'Draw zones of this camera' }).getAttribute('href'),
  ).toBe('/cameras/vie-office/zones');

  const bare = new MockGateway(DIST);
  bare.cameras.forEach((entry) => (entry.camera!.zones = []));
  const address = await bare.listen();
  const other = await visit(bench);
  await logIn(other, { ...bench, address }, 'a.admin', '/insights');
  await other.page.getByText('No storefronts or shelves are drawn yet').waitFor();
  await other.context.close();
  await bare.close();

  bench.gateway.addFault('/attention', 503, 'Service Unavailable', 'Event storage is away.', 2);
  await page.goto(`${bench.address}/insights`);
  await page.getByText('Event storage is away.').waitFor();
  bench.gateway.faults.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await zoneRows().first().waitFor();
});

test('zones and rules are tried before they are saved', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/aisle-1/rules');
  await page.getByRole('button', { name: 'Try', exact: true }).click();
  const panel = page.locator('.rehearsal');
  await panel.getByText(/^Watched for 22 h 2 min from/).waitFor();
  const concealment = panel.locator('.rehearsed > li').first();
  expect(await concealment.textContent()).toContain('12 incidents');
  await concealment.locator('summary').click();
  await panel.getByText('and 7 older ones').waitFor();
  expect(await panel.getByRole('link').count()).toBe(0);
  expect(await panel.locator('.rehearsed > li').nth(1).textContent()).toContain('none');

  await page.getByLabel('From a risk of').first().fill('0.9');
  await panel.getByText('Zones or rules were changed since').waitFor();
  await panel.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => concealment.textContent()).toContain('4 incidents');
  await page.getByRole('link', { name: /^Zones/ }).click();
  expect(await panel.locator('.rehearsed > li').first().textContent()).toContain('4 incidents');
  // The draft was tried, and nothing else was done with it.
  const stored = bench.gateway.cameras.find((one) => one.camera?.cameraId === 'aisle-1')!.camera!;
  expect(stored.rules[0]!.minRisk).toBe(0.7);

  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('link', { name: /^Rules/ }).click();
  await page.getByLabel('Id', { exact: true }).first().fill('not an id!');
  await panel.getByText('Mend this first:').waitFor();
  expect(await panel.getByRole('button', { name: 'Try again' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Discard' }).click();
});

test('what cannot be tried is told: nothing kept, not running, refused', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/storeroom/rules');
  const tryIt = page.getByRole('button', { name: 'Try', exact: true });
  await tryIt.click();
  await page.getByText('Nothing has been kept of this camera yet.').waitFor();
  await page.goto(`${bench.address}/cameras/hh-back-door/rules`);
  await tryIt.click();
  await page.getByText('No ingest replica runs the camera "hh-back-door" at present').waitFor();
  bench.gateway.addFault(
    '/cameras/aisle-1/rules/preview',
    400,
    'Bad Request',
    'Rule "fight": min_duration is longer than a day.',
  );
  await page.goto(`${bench.address}/cameras/aisle-1/rules`);
  await tryIt.click();
  await page.getByText('min_duration is longer than a day.').waitFor();
  const viewer = await visit(bench);
  await logIn(viewer, bench, 'm.keller', '/cameras/aisle-1/rules');
  await viewer.page.getByText('Only admins change cameras.').waitFor();
  expect(await viewer.page.locator('.rehearsal').count()).toBe(0);
  await viewer.context.close();
});

test('the audit log is read by page and by condition', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/system/audit');
  const rows = page.locator('.audit-table tbody tr');
  await rows.first().waitFor();
  const newest = await rows.first().textContent();
  await page.getByRole('button', { name: 'Older ones' }).click();
  await page.getByText('page 2').waitFor();
  await expect.poll(() => rows.first().textContent()).not.toBe(newest);
  await page.getByRole('button', { name: 'Newer ones' }).click();
  await expect.poll(() => rows.first().textContent()).toBe(newest);

  await page.getByLabel('Who').fill('night.desk');
  await expect.poll(() => new URL(page.url()).search).toBe('?principal=night.desk');
  await expect
    .poll(async () => (await rows.allTextContents()).every((one) => one.includes('night.desk')))
    .toBe(true);
  await page.getByRole('button', { name: 'camera hh-entrance' }).first().click();
  expect(page.url()).toContain('target=camera+hh-entrance');
  await page.getByLabel('Who').fill('nobody');
  await page.getByText('No entry fits').waitFor();
  await page.getByRole('button', { name: 'Remove all' }).click();
  await expect.poll(() => rows.first().textContent()).toBe(newest);

  bench.gateway.addFault(
    '/audit',
    403,
    'Forbidden',
    'The audit log is for admins of the whole installation.',
  );
  await page.reload();
  await page.getByText('The audit log is for admins of the whole installation.').waitFor();
});
