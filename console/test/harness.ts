// What the browser tests share: the built console behind the mock gateway, and a Chromium that
// notes every error and every breach of the CSP.
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { MockGateway, PASSWORD } from './mock-gateway';

export const CHROMIUM = process.env.AISLEWATCH_CHROMIUM ?? '/usr/bin/chromium';
export const DIST =
  process.env.AISLEWATCH_CONSOLE_OUT ??
  fileURLToPath(new URL('../../build/console', import.meta.url));
export const SHOTS =
  process.env.AISLEWATCH_CONSOLE_SHOTS ??
  fileURLToPath(new URL('../../build/artifacts/console', import.meta.url));

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 375, height: 812 };

export interface Bench {
  gateway: MockGateway;
  address: string;
  browser: Browser;
  close: () => Promise<void>;
}

export async function startBench(): Promise<Bench> {
  if (!existsSync(`${DIST}/index.html`))
    throw new Error(`${DIST} holds no console; run "npm run build" first`);
  mkdirSync(SHOTS, { recursive: true });
  const gateway = new MockGateway(DIST);
  const address = await gateway.listen();
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
  return {
    gateway,
    address,
    browser,
    close: async () => {
      await browser.close();
      await gateway.close();
    },
  };
}

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Errors of the console and breaches of the CSP so far; requests that were answered with an error are not among them. */
  faults: string[];
}

// Chromium logs every refused request, of which the tests ask for some, and that they read the wall's canvas.
const EXPECTED = /^Failed to load resource|^Canvas2D: Multiple readback/;

export async function visit(
  bench: Bench,
  options: {
    size?: { width: number; height: number };
    scheme?: 'dark' | 'light';
    timeZone?: string;
  } = {},
): Promise<Visit> {
  const context = await bench.browser.newContext({
    viewport: options.size ?? DESKTOP,
    colorScheme: options.scheme ?? 'dark',
    timezoneId: options.timeZone ?? 'Europe/Berlin',
    reducedMotion: 'reduce',
    deviceScaleFactor: options.size === PHONE ? 2 : 1,
    hasTouch: options.size === PHONE,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text()))
      faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return { page, context, faults };
}

export async function logIn(
  { page }: Visit,
  bench: Bench,
  name = 'a.admin',
  path = '/live',
): Promise<void> {
  await page.goto(bench.address + path);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}

/** The bench of a file of tests and, within a test, its visitor, where `useBench` was called. */
export let bench: Bench;
export let user: Visit;

/** Sends the test's visitor away for another one. */
export async function visitAnew(options: Parameters<typeof visit>[1]) {
  await user.context.close();
  user = await visit(bench, options);
}

/** Gives a file's tests one bench, and each of them a visitor of its own. */
export function useBench() {
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    bench.gateway.faults.clear();
    user = await visit(bench);
  });
  afterEach(async (context) => {
    const faults = [...user.faults];
    await user.context.close();
    // Errors in the console and breaches of the CSP fail whatever test caused them.
    if (context.task.result?.state !== 'fail') expect(faults).toEqual([]);
  });
}
