import type { Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { password, user } from '../support/environment.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const LINE = 42;

let address: string;

test.beforeAll(async () => {
  const task = await Api.with((api) => api.task('deployment/web/app'));
  address = `/builds/web/runs/${task.build?.newest_success?.number}/log`;
});

test('a link to a line opens there, and a line makes a link', async ({ page }) => {
  await visit(page, `${address}#L${LINE}`);
  await marked(page);

  await page.getByRole('link', { name: String(LINE + 2), exact: true }).click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(`${address}#L${LINE}-L${LINE + 2}`);
  await expect(page.locator('li[data-marked]')).toHaveCount(3);
});

test('a link to a line that is not there says so', async ({ page }) => {
  await visit(page, `${address}#L99999`);
  await expect(page.getByRole('status')).toContainText('There is no line 99,999');
});

test.describe('for somebody who has to sign in first', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('the link leads to the line all the same', async ({ page }) => {
    await visit(page, `${address}#L${LINE}`);
    await expect(page).toHaveURL(/\/sign-in\?to=/);
    await page.getByLabel('Name').fill(user);
    await page.getByLabel('Password').fill(password());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(`${address}#L${LINE}`);
    await marked(page);
  });
});

async function marked(page: Page): Promise<void> {
  const line = page.locator(`#L${LINE}`);
  await expect(line).toHaveAttribute('data-marked');
  await expect(line).toBeInViewport();
  await expect(line.locator('code')).not.toBeEmpty();
  await expect(page.getByRole('button', { name: `Line ${LINE}` })).toBeVisible();
}
