import type { Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { Pipeline } from '../support/pipeline.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'deployment/api/proxy';
const TAG = '1.0.1';

/** More stops than the page has before the first card's Run. */
const STOPS = 60;

test.afterEach(() => Api.with((api) => api.clear(TASK)));

test('the pipeline page is used without a mouse', async ({ page }) => {
  const pipeline = new Pipeline(page);
  await pipeline.open();
  // Something has to be runnable for a plan.
  await pipeline.chooseTag('api', 'proxy', TAG);
  await expect(pipeline.row('api', 'proxy')).toContainText('deploy will run');
  await expect(pipeline.run('api')).not.toHaveAttribute('aria-disabled');
  await pipeline.row('api', 'proxy').getByRole('combobox').blur();

  await page.keyboard.press('/');
  const filter = page.getByLabel('Filter by workload, container, image or tag');
  await expect(filter).toBeFocused();
  await expect(filter).toHaveValue('');
  await page.keyboard.type('proxy');
  await expect(pipeline.card('web')).toBeHidden();
  await expect(pipeline.card('api')).toBeVisible();

  await tabTo(page, 'Plan');
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: 'Plan for shop' });
  await expect(sheet).toBeVisible();
  await expect(sheet).toContainText('proxy');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(page.locator('#plan')).toBeFocused();

  await tabTo(page, 'Run api');
  await expect(pipeline.run('api')).toBeFocused();
});

/** Presses Tab until a button whose name begins so has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (here.trim().startsWith(name)) {
      return;
    }
  }
  throw new Error(`Tab does not reach “${name}”`);
}
