// What staff do with the console, in a real Chromium over the built console and the mock gateway.
import { expect, test } from 'vitest';
import { bench, logIn, PHONE, useBench, user, visit, visitAnew } from './harness';
import { MockGateway, PASSWORD } from './mock-gateway';

useBench();

const rows = () => user.page.locator('.incident-row');
const row = (id: string) => user.page.locator(`[data-incident="${id}"]`);

test('a wrong password is told, and the right one enters; logging out leaves', async () => {
  const { page } = user;
  await page.goto(`${bench.address}/incidents?severity=critical`);
  await page.getByLabel('Name').fill('m.keller');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('The name or the password is wrong.').waitFor();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await rows().first().waitFor();
  expect(page.url()).toContain('severity=critical');
  await page.getByRole('button', { name: /m\.keller, Operator, All stores/ }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
});

test('a session that ends keeps the place, and drafts, for the next login', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/aisle-1/settings');
  await page.getByLabel('Name', { exact: true }).fill('Aisle 1, perfume');
  await page.getByText('Unsaved changes').waitFor();
  bench.gateway.expireSessions();
  await page.getByText('Your session has ended').waitFor();
  await page.locator('.login').getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Your session has ended').waitFor({ state: 'detached' });
  expect(page.url()).toContain('/cameras/aisle-1/settings');
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Aisle 1, perfume');
});

test('the wall draws live pictures and tells why a camera gives none', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller');
  const tile = page.locator('[data-camera="entrance"]');
  await tile.and(page.locator('[data-live=true]')).waitFor();
  const painted = () =>
    tile.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      for (let i = 0; i < data.length; i += 401) sum = (sum * 31 + data[i]!) >>> 0;
      return { sum, bright: data.some((value, i) => i % 4 === 0 && value > 60) };
    });
  const first = await painted();
  expect(first.bright).toBe(true);
  await expect.poll(async () => (await painted()).sum, { timeout: 5000 }).not.toBe(first.sum);
  await page.locator('[data-camera="hh-back-door"]').getByText('refused the connection').waitFor();
  await page.locator('[data-camera="aisle-2"]').getByText('degraded').waitFor();

  await tile.click();
  await page.locator('.people li').first().waitFor();
  await page.keyboard.press('Escape');
  await tile.waitFor();
});

test('one stream carries the whole wall', async () => {
  const live: string[] = [];
  user.page.on('request', (request) => {
    if (request.url().includes('/api/v1/live?')) live.push(request.url());
  });
  await logIn(user, bench, 'm.keller', '/live?tiles=16');
  await user.page.locator('[data-live=true]').nth(5).waitFor();
  expect(live).toHaveLength(1);
  expect(new URL(live[0]!).searchParams.getAll('cameraIds')).toHaveLength(11);
});

test('an incident appears in the open list within two seconds, without a reload', async () => {
  await logIn(user, bench, 'm.keller', '/incidents');
  await rows().first().waitFor();
  const started = Date.now();
  const incident = bench.gateway.openIncident({
    kind: 'INCIDENT_KIND_FIGHT',
    severity: 'SEVERITY_CRITICAL',
  });
  await row(incident.incidentId).waitFor({ timeout: 2000 });
  expect(Date.now() - started).toBeLessThan(2000);
  expect(await rows().first().getAttribute('data-incident')).toBe(incident.incidentId);
});

test('arrivals do not move a list that is scrolled, and wait behind a pill', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/incidents');
  await rows().nth(30).scrollIntoViewIfNeeded();
  const scroller = page.locator('.incident-scroll');
  const before = await scroller.evaluate((element) => [element.scrollTop, element.scrollHeight]);
  const arrived = [1, 2, 3].map(() => bench.gateway.openIncident());
  await page.getByRole('button', { name: '3 new' }).waitFor();
  expect(await scroller.evaluate((element) => [element.scrollTop, element.scrollHeight])).toEqual(
    before,
  );
  await page.getByRole('button', { name: '3 new' }).click();
  await row(arrived[2]!.incidentId).waitFor();
  expect(await scroller.evaluate((element) => element.scrollTop)).toBe(0);
});

test('an incident that the filter excludes does not arrive', async () => {
  await logIn(user, bench, 'm.keller', '/incidents?severity=critical');
  await rows().first().waitFor();
  const other = bench.gateway.openIncident({
    severity: 'SEVERITY_INFO',
    kind: 'INCIDENT_KIND_CROWD',
  });
  const wanted = bench.gateway.openIncident({
    severity: 'SEVERITY_CRITICAL',
    kind: 'INCIDENT_KIND_WEAPON',
  });
  await row(wanted.incidentId).waitFor({ timeout: 2000 });
  expect(await row(other.incidentId).count()).toBe(0);
});

test('incidents are reviewed by keys alone, and a second session sees it', async () => {
  const { page } = user;
  const first = bench.gateway.openIncident();
  await logIn(user, bench, 'm.keller', '/incidents');
  await row(first.incidentId).waitFor();
  const second = await visit(bench);
  await logIn(second, bench, 'j.brandt', '/incidents');
  await second.page.locator(`[data-incident="${first.incidentId}"]`).waitFor();

  await page.keyboard.press('j');
  await page.keyboard.press('f');
  await row(first.incidentId).getByText('False alarm').waitFor();
  await second.page
    .locator(`[data-incident="${first.incidentId}"]`)
    .getByText('False alarm')
    .waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('article').getByRole('heading', { level: 2 }).first().waitFor();
  await page.keyboard.press('c');
  await page.getByRole('article').getByText('Confirmed by m.keller').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Keys' }).waitFor({ state: 'detached' });
  await second.context.close();
});

test('several are reviewed at once with a note, and it can be undone', async () => {
  const { page } = user;
  const made = [bench.gateway.openIncident(), bench.gateway.openIncident()];
  await logIn(user, bench, 'm.keller', '/incidents');
  await row(made[0]!.incidentId).waitFor();
  for (const one of made) await row(one.incidentId).getByRole('checkbox').check();
  await page.getByLabel('Note for all').fill('Staff training');
  await page
    .getByRole('region', { name: 'Review of the selection' })
    .getByRole('button', { name: 'False alarm' })
    .click();
  await page.getByText('2 incidents marked as false alarm').first().waitFor();
  for (const one of made)
    expect(bench.gateway.reviews.get(one.incidentId)).toMatchObject([
      { state: 'REVIEW_STATE_FALSE_ALARM', note: 'Staff training', reviewer: 'm.keller' },
    ]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect
    .poll(() => made.map((one) => bench.gateway.reviews.get(one.incidentId)?.at(-1)?.state))
    .toEqual(['REVIEW_STATE_UNREVIEWED', 'REVIEW_STATE_UNREVIEWED']);
});

test('the clip plays and the timeline seeks it', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/incidents/a1000001-7c1e-4b02-9d3f-000000000003');
  const plot = page.getByRole('slider', { name: 'Place in the clip' });
  await plot.waitFor();
  const video = page.locator('video');
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.duration))
    .toBeGreaterThan(10);
  const box = (await plot.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + 20);
  const length = await video.evaluate((element: HTMLVideoElement) => element.duration);
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeCloseTo(length / 2, 0);
  await plot.focus();
  await page.keyboard.press('ArrowLeft');
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeCloseTo(length / 2 - 1, 0);
  await video.evaluate((element: HTMLVideoElement) => element.play());
  const at = await video.evaluate((element: HTMLVideoElement) => element.currentTime);
  await expect
    .poll(() => video.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(at + 0.3);
});

test('a viewer sees no buttons that the role does not allow', async () => {
  const { page } = user;
  await logIn(user, bench, 'night.desk', '/incidents/a1000001-7c1e-4b02-9d3f-000000000003');
  await page.getByText('Reviews need the role operator.').waitFor();
  expect(await page.getByRole('button', { name: /Confirm|Hold/ }).count()).toBe(0);
  expect(await page.getByRole('checkbox', { name: /^Select/ }).count()).toBe(0);
  await page.goto(`${bench.address}/cameras/aisle-1`);
  await page.getByText('Only admins change cameras.').waitFor();
  expect(await page.getByRole('button', { name: 'Draw' }).count()).toBe(0);
});

test('a zone is drawn on the picture, refuses to cross itself, and is saved', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/entrance');
  await page.locator('.zone-canvas img').waitFor();
  await page.getByLabel('Kind of the new zone').selectOption('ZONE_KIND_RESTRICTED');
  await page.getByRole('button', { name: 'Draw' }).click();
  const canvas = page.locator('.zone-canvas');
  const box = (await canvas.boundingBox())!;
  const click = (x: number, y: number) =>
    page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  await click(0.1, 0.1);
  await click(0.4, 0.1);
  await click(0.4, 0.4);
  await click(0.2, 0.02);
  await page.getByText('The line would cross the outline.').waitFor();
  await click(0.1, 0.4);
  await page.keyboard.press('Enter');
  const corner = page.getByRole('button', { name: /Corner 3 of restricted/ });
  await corner.waitFor();

  // Dragged over the opposite edge it would cross; the corner goes back.
  const at = (await corner.boundingBox())!;
  await page.mouse.move(at.x + 8, at.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.2 * box.width, box.y + 0.02 * box.height, { steps: 4 });
  await page.mouse.up();
  await page.getByText(/Not done\. The outline crosses itself/).waitFor();
  await corner.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Camera saved').first().waitFor();
  const zone = bench.gateway.cameras
    .find((one) => one.camera?.cameraId === 'entrance')!
    .camera!.zones.at(-1)!;
  expect(zone).toMatchObject({ zoneId: 'restricted', kind: 'ZONE_KIND_RESTRICTED' });
  expect(zone.polygon).toHaveLength(4);
  expect(zone.polygon[2]!.x).toBeCloseTo(0.405, 2);
  expect(zone.polygon[2]!.y).toBeCloseTo(0.4, 2);
});

test('corners by numbers do the same as drawing, and refuse the same', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/checkout-a');
  await page.getByRole('button', { name: 'By numbers' }).click();
  await page.getByText('Corners by numbers').click();
  await page.getByLabel('x of corner 1').fill('0.2');
  await page.getByLabel('x of corner 1').blur();
  await page.getByLabel('y of corner 1').fill('0.9');
  await page.getByText(/Not done\. The outline crosses itself/).waitFor();
  await page.getByLabel('y of corner 1').blur();
  expect(await page.getByLabel('y of corner 1').inputValue()).toBe('0.35');
  expect(await page.getByLabel('x of corner 1').inputValue()).toBe('0.2');
});

test('a camera that somebody else changed is not overwritten unasked', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/storeroom/settings');
  await page.getByRole('switch', { name: 'Blur heads' }).check({ force: true });
  const entry = bench.gateway.cameras.find((one) => one.camera?.cameraId === 'storeroom')!;
  entry.camera = {
    ...entry.camera!,
    name: 'Back store',
    revision: String(Number(entry.camera!.revision) + 1),
  };
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Somebody else changed this camera' }).waitFor();
  await page.getByText('The other change touched: name').waitFor();
  await page.getByRole('button', { name: 'Put mine over theirs' }).click();
  await page.getByText('Camera saved').first().waitFor();
  const stored = bench.gateway.cameras.find((one) => one.camera?.cameraId === 'storeroom')!.camera!;
  expect([stored.name, stored.showHeads]).toEqual(['Back store', false]);
});

test('a camera is probed, shown and added', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/cameras/+add');
  await page.getByLabel('Source').fill('rtsp://user:wrong@10.0.0.1/a');
  await page.getByRole('button', { name: 'Try the source' }).click();
  await page.getByText('The camera refused the password').waitFor();
  await page.getByLabel('Source').fill('rtsp://user:right@10.0.0.1/a');
  await page.getByRole('button', { name: 'Try the source' }).click();
  await page.getByAltText('Picture of the source, made coarse').waitFor();
  await page.getByLabel('Id', { exact: true }).fill('new-camera');
  await page.getByLabel('Store', { exact: true }).fill('berlin-mitte');
  await page.getByRole('button', { name: 'Add camera' }).click();
  await page.getByText('Camera added').first().waitFor();
  expect(bench.gateway.cameras.some((one) => one.camera?.cameraId === 'new-camera')).toBe(true);
});

test('a token’s secret is shown once, and dead deliveries are tried again', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/system/tokens');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await page.getByLabel('What it is for').fill('Wall display');
  await page.getByRole('button', { name: 'Stores: All stores' }).click();
  await page.getByRole('checkbox', { name: 'wien-graben' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Make', exact: true }).click();
  await page.getByText(/^awt_/).waitFor();
  await page.getByRole('button', { name: 'I have stored it' }).click();
  expect(await page.getByText(/^awt_/).count()).toBe(0);
  expect(bench.gateway.tokens[0]!.scope!.storeIds).toEqual(['wien-graben']);
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('button', { name: 'Deliveries of Case management' }).click();
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect.poll(() => page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
});

test('errors of the gateway are told in its words, with a way on', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/live');
  bench.gateway.addFault(
    '/incidents',
    503,
    'Service Unavailable',
    'Event storage is away. Incidents are kept by ingest and appear once it is back.',
    2,
  );
  await page.getByRole('link', { name: /Incidents/ }).click();
  await page.getByText('Event storage is away.').first().waitFor();
  bench.gateway.faults.clear();
  await page.getByRole('button', { name: 'Try again' }).click();
  await rows().first().waitFor();
  await page.goto(`${bench.address}/incidents/00000000-0000-0000-0000-000000000000`);
  await page.getByText('There is no such incident').waitFor();
  await page.getByText('Retention removed it').waitFor();
  await page.goto(`${bench.address}/cameras/none`);
  await page.getByText('There is no such camera').waitFor();
  await page.goto(`${bench.address}/nowhere`);
  await page.getByText('There is no such page').waitFor();
});

test('an installation without cameras and incidents says so', async () => {
  const empty = new MockGateway(
    process.env.AISLEWATCH_CONSOLE_OUT ?? new URL('../../build/console', import.meta.url).pathname,
  );
  empty.cameras = [];
  empty.incidents = [];
  const address = await empty.listen();
  await logIn(user, { ...bench, address }, 'a.admin', '/live');
  await user.page.getByText('There are no cameras yet').waitFor();
  await user.page.getByRole('link', { name: /Incidents/ }).click();
  await user.page.getByText('No incidents yet').waitFor();
  await user.page.goto('about:blank');
  await empty.close();
});

test('on a phone the list and the incident are pages of their own', async () => {
  await visitAnew({ size: PHONE });
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/incidents');
  await rows().nth(4).getByRole('link').click();
  await page.getByRole('article').waitFor();
  expect(await page.locator('.incident-scroll').isVisible()).toBe(false);
  await page.getByRole('link', { name: 'Close the incident' }).click();
  expect(await page.locator('.incident-scroll').isVisible()).toBe(true);
});
