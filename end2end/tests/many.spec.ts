import type { Page } from '@playwright/test';

import { variable } from '../support/environment.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Place } from '../support/place.ts';
import { expect, test } from '../support/test.ts';

const STORE = `${variable('REGISTRY')}/shop/store`;

/** With two containers each. */
const WORKLOADS = 250;

/** What the page may have of them in its document at once. */
const DRAWN = 120;

test('500 containers are found, walked and run by keyboard', ({ page }) =>
  Place.with(page, 'many', async (place) => {
    test.setTimeout(480_000);
    const workloads = Array.from({ length: WORKLOADS }, (_, n) => ({
      name: `w${String(n).padStart(3, '0')}`,
      image: `${STORE}:2.0.0`,
      replicas: 0,
      beside: ['side'],
    }));
    place.create(workloads);
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await expect(page.getByRole('button', { name: /^All/ })).toContainText(String(2 * WORKLOADS));
    expect(await drawn(page)).toBeLessThan(DRAWN);

    await page.keyboard.press('j');
    for (let n = 1; n < 40; n += 1) {
      await page.keyboard.press('j');
    }
    await expect(pipeline.card('w039')).toBeFocused();
    await expect(pipeline.row('w039', 'side')).toBeVisible();
    await page.keyboard.press('x');
    await expect(page.getByRole('button', { name: '1 workload marked' })).toBeVisible();
    await page.keyboard.press('x');
    expect(await drawn(page)).toBeLessThan(DRAWN);

    await page.keyboard.press('/');
    await page.keyboard.type('w249');
    await expect(pipeline.card('w249')).toBeInViewport();
    await expect(pipeline.card('w000')).toBeHidden();
    await pipeline.chooseTag('w249', 'app', '1.1.0');
    await expect(pipeline.run('w249')).not.toHaveAttribute('aria-disabled');
    await page.getByLabel('Filter by workload').fill('');
    await page.getByLabel('Group by').selectOption('By kind');
    await expect(page.getByRole('heading', { name: /^Deployment 250/ })).toBeVisible();
  }));

/** Cards that are drawn whole. */
function drawn(page: Page): Promise<number> {
  return page.locator('.workload-run').count();
}
