import { Api } from '../support/api.ts';
import { variable } from '../support/environment.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Place } from '../support/place.ts';
import { hold } from '../support/press.ts';
import { expect, test } from '../support/test.ts';

const TASK = 'statefulset/store/store';
const GOOD = '2.0.0';

/** A failure is known within a minute, and a busy machine gets a little more. */
const FAILS_WITHIN = 180_000;

test.beforeEach(() =>
  Api.with(async (api) => {
    await api.unhold(TASK);
    await api.deploy(TASK, GOOD);
  }),
);

test.afterAll(() =>
  Api.with(async (api) => {
    await api.clear(TASK);
    await api.unhold(TASK);
    await api.deploy(TASK, GOOD);
  }),
);

test('a crash loop shows its last lines, and one held press goes back', async ({ page }) => {
  test.setTimeout(480_000);
  const pipeline = new Pipeline(page);
  await pipeline.open();
  await pipeline.chooseTag('store', 'store', '3.0.0-crash');
  await expect(pipeline.run('store')).not.toHaveAttribute('aria-disabled');
  await pipeline.run('store').click();

  const failure = pipeline.card('store').getByRole('region', { name: 'Why store failed' });
  await expect(failure.getByRole('heading', { name: 'Crash loop' })).toBeVisible({ timeout: FAILS_WITHIN });
  await expect(failure).toContainText('crash_loop');
  await expect(failure).toContainText('fatal: run the migration first');
  await expect(page.getByRole('link', { name: /^store: failed/ })).toBeVisible();

  // Whoever opens the page now finds the same, and the way back at work.
  await page.reload({ waitUntil: 'networkidle' });
  await expect(failure).toContainText('fatal: run the migration first');

  const back = failure.getByRole('button', { name: `Roll back to ${GOOD}` });
  await expect(back).not.toHaveAttribute('aria-disabled');
  await back.click();
  await expect(failure).toContainText('Hold it until it is full');
  await hold(back);
  await expect(failure).toBeHidden();
  await expect(pipeline.card('store')).toContainText('Running 2/2', { timeout: FAILS_WITHIN });
  await expect(pipeline.row('store', 'store')).toContainText('2 of 2 pods');
});

test('a container that is killed for memory says so', async ({ page }) => {
  test.setTimeout(480_000);
  const pipeline = new Pipeline(page);
  await pipeline.open();
  await pipeline.chooseTag('store', 'store', '3.0.2-oom');
  await pipeline.run('store').click();

  const failure = pipeline.card('store').getByRole('region', { name: 'Why store failed' });
  await expect(failure.getByRole('heading', { name: 'Out of memory' })).toBeVisible({ timeout: FAILS_WITHIN });
  await expect(failure).toContainText('out_of_memory');
  await failure.getByRole('link', { name: 'Open log' }).click();
  await expect(page.getByRole('log')).toContainText('out_of_memory');
});

test('a tag that is not there cannot be run, and the page says why', async ({ page }) => {
  const pipeline = new Pipeline(page);
  await pipeline.open();
  const row = pipeline.row('store', 'store');
  await pipeline.chooseTag('store', 'store', '9.9.9');
  await expect(row).toContainText('tag_not_found');
  await expect(row).toContainText(/9\.9\.9/);

  const run = pipeline.run('store');
  await expect(run).toHaveAttribute('aria-disabled', 'true');
  await expect(run).toHaveAccessibleDescription(/tag_not_found/);
  await run.focus();
  await expect(run).toBeFocused();

  await row.getByRole('combobox').fill('');
  await row.getByRole('combobox').press('Enter');
  await expect(row).toContainText('nothing_selected');
});

test('a registry that refuses the node says what the node lacks', ({ page }) =>
  Place.with(page, 'refused', async (place) => {
    test.setTimeout(480_000);
    const closed = variable('REGISTRY_AUTH');
    // Slipway has the password of the registry, the node has none.
    await place.make('registries', {
      name: `${place.name}-closed`,
      url: `http://${closed}`,
      username: variable('REGISTRY_AUTH_USERNAME'),
      password: variable('REGISTRY_AUTH_PASSWORD'),
    });
    place.apply({ name: 'store', image: `${closed}/shop/store:0.9.0` });

    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await pipeline.chooseTag('store', 'app', '1.0.0');
    await pipeline.run('store').click();

    const failure = pipeline.card('store').getByRole('region', { name: 'Why app failed' });
    await expect(failure).toContainText('image_unauthorized', { timeout: FAILS_WITHIN });
    await expect(failure).toContainText('imagePullSecrets');
    // The way back was checked in advance: the version before is in no registry.
    await expect(failure.getByRole('button', { name: 'Roll back to 0.9.0' })).toHaveAttribute('aria-disabled', 'true');
    await expect(failure).toContainText('tag_not_found');
    await expect(failure).not.toContainText(variable('REGISTRY_AUTH_PASSWORD'));
  }));
