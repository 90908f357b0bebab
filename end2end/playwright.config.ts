import { defineConfig } from '@playwright/test';

import { session, slipway } from './support/environment.ts';

export default defineConfig({
  testDir: './tests',
  outputDir: './test-results',
  globalSetup: './support/setup.ts',
  // All journeys share one shop: what one rolls out, another would see.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  reporter: [['list'], ['./support/failures.ts']],
  // These end what hangs; how fast the product is, the benchmark says. A page may wait for a
  // pod of a machine that is busy, and some machines are five times slower than others.
  timeout: 240_000,
  expect: { timeout: 45_000 },
  use: {
    baseURL: slipway(),
    storageState: session,
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-GB',
    actionTimeout: 45_000,
    navigationTimeout: 60_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
