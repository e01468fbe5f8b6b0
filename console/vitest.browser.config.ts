import { defineConfig } from 'vitest/config';

// Drives a real Chromium over the built console; one browser at a time.
export default defineConfig({
  test: {
    include: ['test/**/*.browser.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine shows a page late; what is wrong stays wrong.
    expect: { poll: { timeout: 10_000 } },
  },
});
