import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const THEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

/** Every page by name; the newest run and build run stand for all. */
async function pages(): Promise<[string, string][]> {
  const [run, number] = await Api.with((api) => Promise.all([api.newestRun(), api.newestBuildRun('web')]));
  return [
    ['home', '/'],
    ['pipeline', '/maps/shop/pipeline'],
    ['builds', '/builds'],
    ['build form', '/builds/web/edit'],
    ['new build', '/builds/new'],
    ['build runs', '/builds/web/runs'],
    ['build run', `/builds/web/runs/${number}`],
    ['log', `/builds/web/runs/${number}/log`],
    ['runs', '/runs'],
    ['run', `/runs/${run}`],
    ['connections', '/settings/connections'],
  ];
}

for (const theme of THEMES) {
  for (const viewport of SIZES) {
    test.describe(`${theme}, ${viewport.width} px`, () => {
      test.use({ colorScheme: theme, viewport });

      test('all pages fit and can be read', async ({ page }, info) => {
        test.setTimeout(480_000);
        for (const [name, address] of await pages()) {
          await test.step(name, async () => {
            await visit(page, address);
            await page.screenshot({ path: info.outputPath(`${name}.png`) });
            await fits(page, name);
          });
        }
      });

      test.describe('before signing in', () => {
        test.use({ storageState: { cookies: [], origins: [] } });

        test('sign-in fits and can be read', async ({ page }, info) => {
          await visit(page, '/sign-in');
          await page.screenshot({ path: info.outputPath('sign-in.png') });
          await fits(page, 'sign-in');
        });
      });
    });
  }
}

/** No sideways scrolling, and nothing that axe calls serious. All faults are told, not the first. */
async function fits(page: Page, name: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect.soft(over, `${name}: pixels beyond the window`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).options({ preload: false }).analyze();
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  expect.soft(grave, `${name}: what axe finds`).toEqual([]);
}
