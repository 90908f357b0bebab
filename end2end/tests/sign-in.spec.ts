import { password, user } from '../support/environment.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

test.use({ storageState: { cookies: [], origins: [] }, expected: [/status of 401/] });

test('a wrong password says so, the right one leads on, and one can leave', async ({ page }) => {
  await visit(page, '/runs?map=shop');
  await expect(page.getByText('Then you go to')).toContainText('/runs?map=shop');

  await page.getByLabel('Name').fill(user);
  await page.getByLabel('Password').fill('not the password of anybody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('The name or the password is wrong.');
  await expect(page.getByLabel('Name')).toHaveValue(user);

  await page.getByLabel('Password').fill(password());
  await page.getByLabel('Password').press('Enter');
  await expect(page).toHaveURL('/runs?map=shop');
  await expect(page.getByRole('heading', { name: 'shop', level: 1 })).toBeVisible();

  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await page.goto('/builds');
  await expect(page).toHaveURL(/\/sign-in\?to=/);
});
