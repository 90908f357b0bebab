import { defineConfig } from '@playwright/test';

import journeys from './playwright.config.ts';

/** What `cargo xtask bench` measures in a browser: the same browser, and nothing that takes time beside the page. */
export default defineConfig({
  ...journeys,
  testDir: './bench',
  timeout: 240_000,
  use: { ...journeys.use, trace: 'off', screenshot: 'off' },
});
