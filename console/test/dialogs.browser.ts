// Dialogs that store something: what is incomplete cannot be sent, what is refused stays open with the reason.
import { expect, test } from 'vitest';
import { bench, logIn, useBench, user } from './harness';
import { PASSWORD } from './mock-gateway';

useBench();

test('a user is added, changed and removed', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/system/users');
  await page.getByRole('button', { name: 'Add user' }).click();
  const add = page.getByRole('dialog', { name: 'Add a user' });
  await add.getByLabel('Name').fill('new.one');
  await add.getByLabel('Password').fill('short');
  await add.getByText('Use at least 12 characters.').waitFor();
  expect(await add.getByRole('button', { name: 'Add' }).isDisabled()).toBe(true);
  await add.getByLabel('Password').fill('long enough for all');
  await add.getByRole('button', { name: 'Add' }).click();
  await page.getByText('new.one added').first().waitFor();
  await page.getByRole('button', { name: 'Change new.one' }).waitFor();

  await page.getByRole('button', { name: 'Change a.admin' }).click();
  const change = page.getByRole('dialog', { name: 'Change a.admin' });
  await change.getByLabel('Role').selectOption('ROLE_VIEWER');
  await change.getByRole('button', { name: 'Save' }).click();
  await change.getByText(/^No enabled admin of the whole installation would be left/).waitFor();
  await change.getByRole('button', { name: 'Cancel' }).click();
  expect(bench.gateway.users.find((one) => one.name === 'a.admin')!.role).toBe('ROLE_ADMIN');

  await page.getByRole('button', { name: 'Remove new.one' }).click();
  await page.getByRole('button', { name: 'Remove the user' }).click();
  await page.getByText('new.one removed').first().waitFor();
  await page.getByRole('button', { name: 'Remove new.one' }).waitFor({ state: 'detached' });

  bench.gateway.addFault('/users/s.former', 503, 'Service Unavailable', 'Event storage is away.');
  await page.getByRole('button', { name: 'Remove s.former' }).click();
  await page.getByRole('button', { name: 'Remove the user' }).click();
  await page.getByText('s.former was not removed').first().waitFor();
  await page.getByText('Event storage is away.').first().waitFor();
  await page.getByRole('button', { name: 'Remove s.former' }).waitFor();
});

test('a webhook and a token are removed', async () => {
  const { page } = user;
  await logIn(user, bench, 'a.admin', '/system/webhooks');
  await page.getByRole('button', { name: 'Remove Control room pager' }).click();
  await page.getByRole('button', { name: 'Remove the webhook' }).click();
  await page.getByText('Control room pager removed').first().waitFor();
  await expect
    .poll(() => bench.gateway.webhooks.map((one) => one.name))
    .toEqual(['Case management']);
  await page.getByRole('link', { name: 'Tokens' }).click();
  await page.getByRole('button', { name: 'Revoke Reporting' }).click();
  await page.getByRole('button', { name: 'Revoke the token' }).click();
  await page.getByText('Token “Reporting” revoked').first().waitFor();
  await page.getByText('revoked just now').waitFor();
});

test('a password is changed by who knows the present one', async () => {
  const { page } = user;
  await logIn(user, bench, 'm.keller', '/cameras');
  await page.getByRole('button', { name: /m\.keller, Operator/ }).click();
  await page.getByRole('button', { name: 'Change password' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change password' });
  const submit = dialog.getByRole('button', { name: 'Change', exact: true });
  await dialog.getByLabel('Present password').fill('not this one');
  await dialog.getByLabel('New password', { exact: true }).fill('another good password');
  await dialog.getByLabel('New password again').fill('another good passwort');
  await dialog.getByText('This differs from the one above.').waitFor();
  expect(await submit.isDisabled()).toBe(true);
  await dialog.getByLabel('New password again').fill('another good password');
  await submit.click();
  await dialog.getByText('The present password is wrong.').waitFor();
  await dialog.getByLabel('Present password').fill(PASSWORD);
  await submit.click();
  await page.getByText('Password changed').first().waitFor();
  await dialog.waitFor({ state: 'detached' });
});
