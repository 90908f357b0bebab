// The test of all journeys: a page that says anything in the console fails.

import { test as base, expect, type ConsoleMessage, type Page } from '@playwright/test';

interface Options {
  /** What the browser itself says about answers that a journey provokes. */
  expected: RegExp[];
}

interface Fixtures {
  /** Watches a page that the journey opens beside its own. */
  watch: (page: Page) => void;
}

const LOUD = new Set(['warning', 'error', 'assert']);

/** Pods come and go with network devices of the machine, and the browser breaks off what it was just asking for. */
const OF_THE_MACHINE = /net::ERR_NETWORK_CHANGED/;

export const test = base.extend<Options & Fixtures>({
  expected: [[], { option: true }],
  watch: [
    async ({ page, expected }, use) => {
      const said: string[] = [];
      const tell = (what: string) => {
        if (![...expected, OF_THE_MACHINE].some((pattern) => pattern.test(what))) {
          said.push(what);
        }
      };
      const watch = (watched: Page) => {
        watched.on('console', (message: ConsoleMessage) => {
          if (LOUD.has(message.type())) {
            tell(`${message.type()}: ${message.text()} (${message.location().url})`);
          }
        });
        watched.on('pageerror', (error) => tell(`page error: ${error.message}`));
      };
      watch(page);
      await use(watch);
      expect(said, 'nothing in the console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
