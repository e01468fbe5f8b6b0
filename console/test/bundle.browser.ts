// What the build may weigh and may hold.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DIST } from './harness';

const LIMIT = 400_000;

const files = () =>
  readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(`${entry.parentPath ?? entry.path}/${entry.name}`));

test('the bundle is below 400 kB gzipped', () => {
  const size = files().reduce((sum, bytes) => sum + gzipSync(bytes).length, 0);
  expect(size).toBeLessThan(LIMIT);
});

test('the page has no inline script or style and loads nothing from elsewhere', () => {
  const html = readFileSync(`${DIST}/index.html`, 'utf8');
  expect(html).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/(?:src|href)="(?!\/)/);
  for (const bytes of files())
    expect(bytes.toString('latin1')).not.toMatch(/@import|url\(["']?https?:/);
});
