import type { Locator, Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { imageIds } from '../support/cluster.ts';
import { Pipeline } from '../support/pipeline.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'deployment/web/app';

test.afterEach(() => Api.with((api) => api.clear(TASK)));

test('one press builds, pushes and rolls out, seen live', async ({ page, context, watch }) => {
  const pipeline = new Pipeline(page);
  await pipeline.open();
  const row = pipeline.row('web', 'app');
  await row.getByLabel('Version of app').selectOption('Build & Deployment');
  await expect(row).toContainText('Tick Execute to build, then deploy');
  await expect(pipeline.run('web')).toHaveAttribute('aria-disabled', 'true');
  await row.getByLabel('Execute').check();
  await expect(row).toContainText('Builds web, then deploys it');
  await pipeline.run('web').click();

  const card = pipeline.card('web');
  await card.getByRole('link', { name: /^web #\d+ log$/ }).click();
  await expect(page).toHaveURL(/\/builds\/web\/runs\/\d+\/log$/);
  const log = page.url();
  const second = await context.newPage();
  watch(second);
  const early = await growing(page);
  await page.reload();
  await second.goto(log);
  for (const window of [page, second]) {
    await expect(window.getByText('DONE', { exact: true }).first()).toBeVisible({ timeout: 120_000 });
    await expect(window.locator('.page-head')).toContainText('DONE');
  }
  const all = await lines(page);
  expect(all).toBeGreaterThan(early);
  await expect(count(second)).toHaveText(`${all} lines`);
  for (const window of [page, second]) {
    await expect(window.getByRole('log').getByText(/Digest|sha256:/).last()).toBeAttached();
  }

  await second.goto('/runs?map=shop');
  await second.getByRole('link', { name: 'Deploy web' }).first().click();
  await proven(second);
});

/** The run's page ends with a proof that the cluster confirms. */
async function proven(page: Page): Promise<void> {
  const item = page.locator('#item-1');
  await expect(item).toContainText(/3\/3 pods run\s*sha256:/, { timeout: 120_000 });
  await expect(page.locator('.page-head')).toContainText('Succeeded');
  const digest = await item.locator('.digest[title^="sha256:"]').getAttribute('title');
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  const ids = imageIds('web', 'app');
  expect(ids).toHaveLength(3);
  for (const id of ids) {
    expect(id).toContain(digest);
  }
}

/** How many lines of the log the page knows of. */
function count(page: Page): Locator {
  return page.getByRole('toolbar', { name: 'Log' }).getByText(/^[\d,  ]+ lines?$/);
}

async function lines(page: Page): Promise<number> {
  return Number((await count(page).innerText()).replace(/\D/g, ''));
}

/** Waits until lines came while the page was open; how many there are then. */
async function growing(page: Page): Promise<number> {
  await expect(page.getByRole('button', { name: 'Follow' })).toBeVisible();
  const first = await lines(page);
  await expect.poll(() => lines(page), { intervals: [50] }).toBeGreaterThan(first);
  return lines(page);
}
