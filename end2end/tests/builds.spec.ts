import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const BUILD = 'end2end';

test.use({ expected: [/status of 4\d\d/] });

const clean = () => Api.with((api) => api.unmake(`builds/${BUILD}`));
test.beforeAll(clean);
test.afterAll(clean);

test('a build is made, corrected where it is wrong, listed and edited', async ({ page }) => {
  await visit(page, '/builds');
  await expect(page.getByRole('row', { name: /web/ })).toContainText('DONE');
  await page.getByRole('link', { name: 'New build' }).click();

  const name = page.getByLabel('Name', { exact: true });
  await name.fill('Not a name');
  await page.getByLabel('Description').fill('made by a test');
  await page.getByLabel('Repository', { exact: true }).fill('shop/end2end');
  await page.getByLabel('URL').fill('-oProxyCommand=rubbish');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  await save.click();
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).not.toHaveAccessibleDescription('');
  await expect(name).toHaveValue('Not a name');
  await expect(page.getByLabel('Description')).toHaveValue('made by a test');

  await name.fill(BUILD);
  await save.click();
  await expect(page.getByLabel('URL')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('URL')).toHaveValue('-oProxyCommand=rubbish');
  await expect(page.getByText(/needs? a change\. Not saved/)).toBeVisible();

  await page.getByLabel('URL').fill('https://git.example/shop/end2end.git');
  await save.click();
  await expect(page).toHaveURL('/builds');
  const row = page.getByRole('row', { name: BUILD });
  await expect(row).toContainText('made by a test');
  await expect(row).toContainText('Never built');

  await row.getByRole('link', { name: BUILD, exact: true }).click();
  await page.getByLabel('Description').fill('edited by a test');
  await save.click();
  await expect(page.getByRole('row', { name: BUILD })).toContainText('edited by a test');
});

test('the list is narrowed by what is typed', async ({ page }) => {
  await visit(page, '/builds');
  await page.getByLabel('Filter by name or image').fill('shop/api');
  await expect(page.getByRole('row', { name: /^api / })).toBeVisible();
  await expect(page.getByRole('row', { name: /^web / })).toBeHidden();
});
