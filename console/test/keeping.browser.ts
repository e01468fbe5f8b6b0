// What staff keep of an incident: a hold against retention, and an export.
import { expect, test } from 'vitest';
import { bench, logIn, useBench, user } from './harness';

useBench();

async function openFirst(): Promise<string> {
  await logIn(user, bench, 'm.keller', '/incidents');
  const row = user.page.locator('.incident-row').first();
  const id = await row.getAttribute('data-incident');
  await row.click();
  await user.page.getByRole('button', { name: 'Export' }).waitFor();
  return id!;
}

test('a hold is kept over a reload, and can be taken back', async () => {
  const { page } = user;
  const id = await openFirst();
  const held = () => bench.gateway.incidents.find((one) => one.incidentId === id)!.hold;
  expect(held()).toBe(false);
  await page.getByRole('button', { name: 'Hold' }).click();
  await page.getByRole('button', { name: 'Held', pressed: true }).waitFor();
  expect(held()).toBe(true);
  await page.reload();
  await page.getByRole('button', { name: 'Held', pressed: true }).click();
  await page.getByRole('button', { name: 'Hold', pressed: false }).waitFor();
  expect(held()).toBe(false);
});

test('an export is saved under the name that the gateway gives it', async () => {
  const { page } = user;
  const id = await openFirst();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  expect((await saved).suggestedFilename()).toBe(`incident-${id}.zip`);
});

test('an export that cannot be made is told instead of saved', async () => {
  const { page } = user;
  const id = await openFirst();
  let saved = 0;
  page.on('download', () => saved++);
  bench.gateway.addFault(
    `/incidents/${id}/export`,
    409,
    'Conflict',
    'event storage has no site key to sign exports with',
  );
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByText('event storage has no site key to sign exports with').waitFor();
  bench.gateway.faults.clear();
  const made = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await made;
  expect(saved).toBe(1);
});
