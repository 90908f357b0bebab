import { Api } from '../support/api.ts';
import { setImage } from '../support/cluster.ts';
import { variable } from '../support/environment.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Place } from '../support/place.ts';
import { tagMany } from '../support/registry.ts';
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
    .toEqual({ build: { reference: 'main', tag: null, build_args: { CHANNEL: 'beta' }, no_cache: true, params: {} } });
});

/** What a reader takes for at once, with room for a busy machine. */
const FLUID = 1_000;

test('a repository of 5,000 tags suggests the newest, and finds one while it is typed', ({ page }) =>
  Place.with(page, 'tags', async (place) => {
    test.setTimeout(480_000);
    const tags = Array.from({ length: 5_000 }, (_, n) => `1.${String(Math.floor(n / 100))}.${String(n % 100)}`);
    await tagMany({ repository: 'shop/store', tag: '2.0.0' }, 'e2e/many-tags', tags);
    place.create([{ name: 'many', image: `${variable('REGISTRY')}/e2e/many-tags:1.7.7`, replicas: 0 }]);
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    const row = pipeline.row('many', 'app');
    const box = row.getByRole('combobox');
    await box.focus();
    const list = page.getByRole('listbox', { name: /many-tags$/ });
    await expect(list.getByRole('option').first()).toContainText('1.49.99', { timeout: 120_000 });
    await expect(list.getByRole('option').nth(1)).toContainText('1.49.98');
    await expect(row.getByRole('button', { name: /1\.49\.99/ })).toBeVisible();

    await box.pressSequentially('1.23.4', { delay: 30 });
    await expect(box).toHaveValue('1.23.4', { timeout: FLUID });
    await expect(list.getByRole('option').first()).toContainText('1.23.49', { timeout: FLUID });
    await box.press('Enter');
    await expect(row).toContainText(/1\.7\.7.*1\.23\.4/);
    await expect(pipeline.run('many')).not.toHaveAttribute('aria-disabled');
  }));

test.describe('without its registry', () => {
  test.use({ expected: [/status of 503/] });

  test('a registry that is down hinders no typing, and says since when', ({ page }) =>
    Place.with(page, 'down', async (place) => {
      const name = `gone-${Date.now().toString(36)}`;
      // Nothing listens there: a port that is reserved and has no service here.
      await place.make('registries', { name, url: 'http://127.0.0.1:1', pull_hosts: [`${name}.example`] });
      place.create([{ name: 'far', image: `${name}.example/shop/far:1.0.0`, replicas: 0 }]);
      const pipeline = new Pipeline(page);
      await pipeline.open(place.name);
      const row = pipeline.row('far', 'app');
      const box = row.getByRole('combobox');
      await box.pressSequentially('1.0.1', { delay: 30 });
      await expect(box).toHaveValue('1.0.1', { timeout: FLUID });
      await expect(page.getByRole('listbox', { name: /shop\/far$/ })).toContainText(`${name} gives no tags just now`);
      await box.press('Enter');
      await expect(row).toContainText(/registry_unreachable|digest_unknown/);
      await expect(pipeline.run('far')).not.toHaveAttribute('aria-disabled');
      await visit(page, '/settings/connections');
      await expect(page.getByRole('listitem').filter({ hasText: name }).last()).toContainText(/does not answer since/);
    }));
});

test('what others change outside Slipway is marked, with who', ({ page }) =>
  Place.with(page, 'outside', async (place) => {
    const store = `${variable('REGISTRY')}/shop/store`;
    place.create([{ name: 'store', image: `${store}:2.0.0`, replicas: 0 }]);
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    const row = pipeline.row('store', 'app');
    await expect(row).toContainText('2.0.0');
    setImage('store', place.name, 'app', `${store}:1.1.0`);
    const mark = row.getByRole('link', { name: /^set by kubectl-set/ });
    await expect(mark).toBeVisible();
    await expect(mark).toHaveAttribute('title', /it was .*:2\.0\.0$/);
    await mark.click();
    await expect(page.getByRole('row', { name: /^1\.1\.0/ })).toContainText('kubectl-set, outside Slipway');
    // The list follows: nobody reloads it.
    setImage('store', place.name, 'app', `${store}:1.0.0`);
    await expect(page.getByRole('row', { name: /^1\.0\.0/ })).toContainText('runs now');
    await expect(page.getByRole('row', { name: /^1\.1\.0/ })).not.toContainText('runs now');
  }));
