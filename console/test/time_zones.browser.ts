// Times of stores whose time zone is not that of the device, in a real Chromium.
import { readFile } from 'node:fs/promises';
import { beforeEach, expect, test } from 'vitest';
import { bench, logIn, useBench, user, visitAnew } from './harness';

useBench();

const DEVICE = 'Asia/Tokyo';
const STORE = 'America/New_York';
const cameras = (store: string) =>
  bench.gateway.cameras.map((one) => one.camera!).filter((camera) => camera.storeId === store);
/** "09:03:09" and "GMT-5", as they are at this time. */
const shown = (at: string, timeZone: string) => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).formatToParts(new Date(at));
  const clock = parts.filter(({ type }) => type !== 'timeZoneName').map(({ value }) => value);
  return {
    clock: clock.join('').trim(),
    tag: parts.find(({ type }) => type === 'timeZoneName')!.value,
  };
};

beforeEach(async () => {
  for (const { camera } of bench.gateway.cameras)
    camera!.timeZone = camera!.storeId === 'wien-graben' ? STORE : '';
  await visitAnew({ timeZone: DEVICE });
});

test('an incident has the time of its store, which is named where it is not the time here', async () => {
  const { page } = user;
  const place = { cameraId: 'vie-floor', storeId: 'wien-graben' };
  const incident = bench.gateway.openIncident(place);
  const gone = bench.gateway.openIncident({ ...place, cameraId: 'vie-removed' });
  const unknown = bench.gateway.openIncident({ cameraId: 'entrance', storeId: 'berlin-mitte' });
  await logIn(user, bench, 'm.keller', '/incidents');
  const time = (id: string) =>
    page.locator(`[data-incident="${id}"] .cell-time`).textContent({ timeout: 5000 });
  const there = shown(incident.openedTime!, STORE);
  await expect
    .poll(() => time(incident.incidentId), { timeout: 10_000 })
    .toMatch(new RegExp(`^${there.clock}.*${there.tag}$`));
  expect(await time(gone.incidentId)).toContain(there.tag);
  const here = shown(unknown.openedTime!, DEVICE);
  expect(await time(unknown.incidentId)).toContain(here.clock);
  expect(await time(unknown.incidentId)).not.toContain('GMT');
  await page.getByRole('button', { name: /^Time: Any time/ }).click();
  await page.getByText('Both in the time of this device, Asia/Tokyo.').waitFor();
  await page.keyboard.press('Escape');

  await page.locator(`[data-incident="${incident.incidentId}"] a`).click();
  const detail = page.locator('.detail');
  await detail.locator('.detail-title').getByText(`${there.clock} ${there.tag}`).waitFor();
  await detail.locator('.history').getByText(`${there.clock} ${there.tag}`).first().waitFor();

  await page.goto(`${bench.address}/live?camera=vie-floor`);
  await page.getByText(`since ${there.clock} ${there.tag}`).waitFor();
});

test('insights has the days and hours of the store, also in its table', async () => {
  const { page } = user;
  const requests: URL[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname === '/api/v1/attention') requests.push(url);
  });
  await logIn(
    user,
    bench,
    'm.keller',
    '/insights?store=wien-graben&first=2026-01-12&last=2026-01-13&step=day',
  );
  await page.getByText(/^Days and hours are those of America\/New York \(GMT-[45]\)\.$/).waitFor();
  await page.locator('.zone-table tbody tr').first().waitFor();
  const asked = requests.map((url) =>
    ['timeZone', 'fromTime'].map((name) => url.searchParams.get(name)),
  );
  expect(asked).toContainEqual([STORE, '2026-01-12T05:00:00.000Z']);
  // Nothing was asked for in another zone before the cameras were known.
  expect(asked.every(([timeZone]) => timeZone === STORE)).toBe(true);
  await page.getByText('The numbers as a table').click();
  expect(await page.locator('.chart-table tbody th').allTextContents()).toEqual([
    'Mon 12 Jan',
    'Tue 13 Jan',
  ]);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const table = await readFile(await download.path(), 'utf8');
  const starts = table
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[4]);
  expect([...new Set(starts)].sort()).toEqual([
    '2026-01-12T00:00:00-05:00',
    '2026-01-13T00:00:00-05:00',
  ]);

  cameras('wien-graben').find((one) => one.cameraId === 'vie-window')!.timeZone = 'Europe/Vienna';
  await page.reload();
  await page
    .getByText(
      'the time zone of Sales floor in wien-graben; other cameras of this choice are in another',
    )
    .waitFor();
});

test('an admin chooses the time zone of a camera, and a new one has that of its store', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/aisle-1/settings');
  const field = page.getByLabel('Time zone');
  expect(await field.inputValue()).toBe('');
  await field.selectOption('Europe/Berlin');
  await page.getByRole('region', { name: 'Unsaved changes' }).getByText('time zone').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Notifications').getByText('Camera saved').waitFor();
  expect(cameras('berlin-mitte').find((one) => one.cameraId === 'aisle-1')!.timeZone).toBe(
    'Europe/Berlin',
  );

  await page.goto(`${bench.address}/cameras/+add`);
  await page.getByLabel('Store', { exact: true }).fill('wien-graben');
  await expect.poll(() => field.inputValue()).toBe(STORE);
});
