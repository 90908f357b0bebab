import { Api } from '../support/api.ts';
import { Pipeline } from '../support/pipeline.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const PROXY = 'deployment/api/proxy';
const API = 'deployment/api/api';

test.afterEach(() =>
  Api.with(async (api) => {
    await api.clear(PROXY);
    await api.clear(API);
  }),
);

test('a tag is typed with suggestions, and Enter ends them', async ({ page }) => {
  const pipeline = new Pipeline(page);
  await pipeline.open();
  const box = pipeline.row('api', 'proxy').getByRole('combobox');
  await box.fill('1.0');
  const list = page.getByRole('listbox', { name: /shop\/proxy$/ });
  await expect(list.getByRole('option').first()).toContainText('1.0.1');
  await expect(list.getByRole('option').first()).toContainText(/kB|MB/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(box).toHaveValue('1.0.1');
  await expect(list).toBeHidden();
  await expect(pipeline.row('api', 'proxy')).toContainText(/Chosen by|older_version/);
  // A question that was on its way when Enter was pressed opens nothing.
  await box.pressSequentially('x');
  await box.press('Backspace');
  await box.press('Enter');
  await page.waitForLoadState('networkidle');
  await expect(list).toBeHidden();
});

test('a version from the link is shown, and stored only when it is taken over', async ({ page }) => {
  await visit(page, `/maps/shop/pipeline?v=${PROXY}~tag~1.0.1`);
  const row = new Pipeline(page).row('api', 'proxy');
  await expect(row).toContainText('from link');
  expect(await Api.with((api) => api.selected(PROXY))).toBeNull();
  await row.getByRole('button', { name: 'Take over' }).click();
  await expect(row).not.toContainText('from link');
  await expect.poll(() => Api.with((api) => api.selected(PROXY))).toEqual({ tag: '1.0.1' });
});

test('a build is given a reference, arguments and no cache', async ({ page }) => {
  const pipeline = new Pipeline(page);
  await pipeline.open();
  const row = pipeline.row('api', 'api');
  await row.getByLabel('Version of api').selectOption('Build & Deployment');
  await row.getByRole('button', { name: 'Reference, arguments and note' }).click();
  const dialog = page.getByRole('dialog', { name: 'Build api, then deploy it' });
  await dialog.getByLabel('Branch, tag or commit').fill('main');
  await dialog.getByLabel('Build arguments').fill('CHANNEL');
  await dialog.getByRole('button', { name: 'Keep for Run' }).click();
  await expect(dialog).toContainText('Line 1 is no argument');
  await dialog.getByLabel('Build arguments').fill('CHANNEL=beta');
  await dialog.getByLabel('Without cache').check();
  await dialog.getByRole('button', { name: 'Keep for Run' }).click();
  await expect(dialog).toBeHidden();
  await expect
    .poll(() => Api.with((api) => api.selected(API)))
    .toEqual({ build: { reference: 'main', tag: null, build_args: { CHANNEL: 'beta' }, no_cache: true } });
});
