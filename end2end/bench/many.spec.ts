// What a reader waits for on a map of 500 containers. The figures go into the file that is asked for, a line each.

import { appendFileSync } from 'node:fs';

import { expect, test, type Page } from '@playwright/test';

import { session, variable } from '../support/environment.ts';
import { visit } from '../support/visit.ts';

declare global {
  interface Window {
    /** The longest event of each interaction, by its id. */
    presses: Map<number, number>;
  }
}

const VISITS = 20;

/** The browser says nothing of shorter ones: they count as this long. */
const SHORTEST = 16;

/** By which interactions are told apart: keys that a reader presses on such a page. */
const KEYS = [...'jjjjjjjjjjkkkkkxxjjjjjxx'.split(''), '/', ...'service-150'.split(''), ...Array<string>(11).fill('Backspace'), 'Escape'];

test('first text', async ({ browser }) => {
  for (let n = 0; n < VISITS; n += 1) {
    // A browser that has nothing yet.
    const context = await browser.newContext({ storageState: session });
    const page = await context.newPage();
    await page.goto(address());
    const first = await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
    tell(await first.jsonValue());
    await context.close();
  }
});

test('press', async ({ page }) => {
  await page.addInitScript(watchPresses, SHORTEST);
  await visit(page, address());
  await expect(page.getByRole('button', { name: /^All/ })).toContainText('500');
  for (const key of KEYS) {
    await press(page, key);
  }
  await page.getByLabel('Group by').selectOption('By kind');
  await painted(page);
  const longer = await page.evaluate(() => [...window.presses.values()]);
  const short = Array<number>(Math.max(KEYS.length - longer.length, 0)).fill(SHORTEST);
  [...longer, ...short].forEach(tell);
});

/** One key, and what it leads to on the screen. */
async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await painted(page);
}

function painted(page: Page): Promise<unknown> {
  return page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
}

/** Runs in the page, before anything of it. */
function watchPresses(shortest: number): void {
  window.presses = new Map();
  new PerformanceObserver((seen) => {
    for (const event of seen.getEntries() as PerformanceEventTiming[]) {
      if (event.interactionId) {
        window.presses.set(event.interactionId, Math.max(event.duration, window.presses.get(event.interactionId) ?? 0));
      }
    }
  }).observe({ type: 'event', durationThreshold: shortest, buffered: true } as PerformanceObserverInit);
}

function address(): string {
  return `/maps/${variable('BENCH_MAP')}/pipeline`;
}

function tell(milliseconds: unknown): void {
  appendFileSync(variable('BENCH_OUT'), `${String(milliseconds)}\n`);
}
