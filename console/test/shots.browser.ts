// Pictures of every page at the sizes that the console must serve; also what axe-core finds there.
import axe from 'axe-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESKTOP, logIn, PHONE, SHOTS, startBench, visit, type Bench, type Visit } from './harness';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const incident = (n: number) => `a1000001-7c1e-4b02-9d3f-${n.toString(16).padStart(12, '0')}`;

interface PageToShow {
  name: string;
  path: string;
  ready: (visit: Visit) => Promise<unknown>;
}
const text =
  (words: string) =>
  ({ page }: Visit) =>
    page.getByText(words).first().waitFor();

const insightsReady = ({ page }: Visit) => page.locator('.zone-table tbody tr').first().waitFor();

export const PAGES: PageToShow[] = [
  {
    name: 'live',
    path: '/live',
    ready: ({ page }) => page.locator('[data-live=true]').first().waitFor(),
  },
  {
    name: 'live-large',
    path: '/live?camera=aisle-1',
    ready: ({ page }) => page.locator('.people li').first().waitFor(),
  },
  {
    name: 'incidents',
    path: '/incidents',
    ready: ({ page }) => page.locator('.incident-row').first().waitFor(),
  },
  {
    name: 'incident',
    path: `/incidents/${incident(3)}`,
    ready: async ({ page }) => {
      await page.locator('.timeline-plot').waitFor();
      await page.locator('video').evaluate((video: HTMLVideoElement) => {
        video.currentTime = 6.4;
      });
      await page.waitForTimeout(600);
    },
  },
  {
    name: 'cameras',
    path: '/cameras',
    ready: ({ page }) => page.locator('.camera-table tbody tr').first().waitFor(),
  },
  {
    name: 'camera-zones',
    path: '/cameras/aisle-1',
    ready: ({ page }) => page.locator('.zone-canvas img').waitFor(),
  },
  {
    name: 'camera-rules',
    path: '/cameras/aisle-1/rules',
    ready: ({ page }) => page.locator('.rule-form').first().waitFor(),
  },
  { name: 'camera-settings', path: '/cameras/aisle-1/settings', ready: text('Blur heads') },
  {
    name: 'camera-add',
    path: '/cameras/+add',
    ready: async ({ page }) => {
      await page.getByLabel('Source').fill('rtsp://user:secret@10.20.4.40:554/stream1');
      await page.getByRole('button', { name: 'Try the source' }).click();
      await page.getByText('The source works').waitFor();
    },
  },
  {
    name: 'camera-rules-tried',
    path: '/cameras/aisle-1/rules',
    ready: async ({ page }) => {
      await page.getByRole('button', { name: 'Try', exact: true }).click();
      await page.locator('.rehearsed summary').first().click();
      await page.locator('.examples li').first().scrollIntoViewIfNeeded();
      await page.locator('.rehearsal').evaluate((element) => element.scrollIntoView());
    },
  },
  { name: 'insights', path: '/insights', ready: insightsReady },
  { name: 'insights-hours', path: '/insights?period=yesterday', ready: insightsReady },
  {
    name: 'insights-zone',
    path: '/insights?period=28d&zone=entrance%2Fwindow%2Fstorefront',
    ready: async (guest) => {
      await insightsReady(guest);
      await guest.page.locator('.zone-table').evaluate((element) => element.scrollIntoView());
    },
  },
  {
    name: 'insights-period',
    path: '/insights?period=7d',
    ready: async (guest) => {
      await insightsReady(guest);
      const period = guest.page.getByRole('button', { name: /^Period/ });
      if (!(await period.isVisible())) await guest.page.locator('.filter-summary').click();
      await period.click();
      await guest.page.getByRole('button', { name: 'Show these days' }).waitFor();
    },
  },
  { name: 'insights-none', path: '/insights?camera=vie-window', ready: text('Nobody came near') },
  { name: 'system', path: '/system', ready: text('Cameras and their pipelines') },
  { name: 'system-users', path: '/system/users', ready: text('j.brandt') },
  { name: 'system-tokens', path: '/system/tokens', ready: text('Reporting') },
  { name: 'system-webhooks', path: '/system/webhooks', ready: text('Case management') },
  { name: 'system-audit', path: '/system/audit', ready: text('Review incident') },
  {
    name: 'incident-pending',
    path: `/incidents/${incident(0)}`,
    ready: text('The clip is being made'),
  },
  {
    name: 'incident-failed',
    path: `/incidents/${incident(4)}`,
    ready: text('The clip could not be made'),
  },
];

async function audit({ page }: Visit): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate(async () => {
    const found = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    });
    return found.violations.map(
      (one) =>
        `${one.id}: ${one.nodes
          .slice(0, 4)
          .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    );
  });
  return result;
}

const LIGHT = [
  'live',
  'incident',
  'cameras',
  'camera-rules',
  'camera-rules-tried',
  'insights',
  'insights-hours',
  'system',
  'system-audit',
];

const VIEWS = [
  { label: '1280x800', size: DESKTOP, scheme: 'dark', pages: PAGES },
  { label: '375x812', size: PHONE, scheme: 'dark', pages: PAGES },
  {
    label: '1280x800-light',
    size: DESKTOP,
    scheme: 'light',
    pages: PAGES.filter((one) => LIGHT.includes(one.name)),
  },
] as const;

for (const { label, size, scheme, pages } of VIEWS) {
  test(`pages at ${label} are accessible and fit`, async () => {
    const guest = await visit(bench, { size, scheme });
    await guest.page.goto(bench.address);
    await guest.page.getByRole('button', { name: 'Log in' }).waitFor();
    await guest.page.screenshot({ path: `${SHOTS}/login-${label}.png` });
    const problems: string[] = (await audit(guest)).map((one) => `login: ${one}`);
    await logIn(guest, bench);
    for (const { name, path, ready } of pages) {
      await guest.page.goto(bench.address + path);
      await ready(guest).catch((error: unknown) =>
        problems.push(`${name} is not ready: ${String(error).slice(0, 200)}`),
      );
      await guest.page.waitForTimeout(400);
      await guest.page.screenshot({ path: `${SHOTS}/${name}-${label}.png` });
      problems.push(...(await audit(guest)).map((one) => `${name}: ${one}`));
      const wide = await guest.page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      if (wide > 0) problems.push(`${name}: ${wide} pixels wider than the window`);
    }
    await guest.context.close();
    expect([...problems, ...guest.faults]).toEqual([]);
  }, 240_000);
}
