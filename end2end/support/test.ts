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

/** What the page says when a part of it was broken off so: it is fetched again. */
const BROKEN_OFF = [/TypeError: Failed to fetch/, /a part of the page did not come; it is fetched again/];

export const test = base.extend<Options & Fixtures>({
  expected: [[], { option: true }],
  watch: [
    async ({ page, expected }, use) => {
      const said: string[] = [];
      const tell = (what: string) => said.push(what);
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
      const broken = said.some((what) => OF_THE_MACHINE.test(what));
      const passed = broken ? [...expected, OF_THE_MACHINE, ...BROKEN_OFF] : expected;
      const loud = said.filter((what) => !passed.some((pattern) => pattern.test(what)));
      expect(loud, 'nothing in the console').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
