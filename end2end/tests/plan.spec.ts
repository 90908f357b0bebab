import { Api } from '../support/api.ts';
import { setImage } from '../support/cluster.ts';
import { variable } from '../support/environment.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Place } from '../support/place.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const STORE = `${variable('REGISTRY')}/shop/store`;

test('a stored plan says when another thing would happen, and runs what it shows', ({ page }) =>
  Place.with(page, 'stored', async (place) => {
    place.create(['a', 'b'].map((name) => ({ name, image: `${STORE}:2.0.0`, replicas: 0 })));
    await expect.poll(() => Api.with((api) => api.tasks(place.name))).toHaveLength(2);
    const plan = await Api.with((api) =>
      api.storePlan(place.name, {
        items: [{ task: 'deployment/a/app', version: { tag: '1.1.0' } }],
        on_failure: 'undo',
        note: 'release 42',
      }),
    );
    await visit(page, `/maps/${place.name}/plans/${plan}`);
    await expect(page.getByText('As it was stored')).toBeVisible();
    await expect(page.getByText('b / app')).toBeHidden();
    await expect(page.getByRole('radio', { name: /^Undo/ })).toBeChecked();
    await expect(page.getByLabel('Note')).toHaveValue('release 42');

    // From another version to the same one is another thing.
    setImage('a', place.name, 'app', `${STORE}:1.0.0`);
    await page.getByRole('button', { name: 'Plan again' }).click();
    await expect(page.getByText('Another thing would happen now')).toBeVisible();
    await page.getByText('What was stored', { exact: true }).click();
    await expect(page.locator('details')).toContainText('2.0.0');

    await page.getByRole('button', { name: /^Run 1 task/ }).click();
    await expect(page).toHaveURL(/\/pipeline$/);
    await expect(new Pipeline(page).row('a', 'app')).toContainText('1.1.0');
    await visit(page, `/runs?map=${place.name}`);
    await expect(page.getByRole('row').filter({ hasText: 'release 42' })).toContainText('Succeeded');
  }));

test('what an address cannot hold becomes a stored plan', ({ page }) =>
  Place.with(page, 'long', async (place) => {
    const workloads = Array.from({ length: 60 }, (_, n) => ({ name: `w${String(n)}-${'x'.repeat(40)}`, image: `${STORE}:2.0.0`, replicas: 0 }));
    place.create(workloads);
    await expect.poll(() => Api.with((api) => api.tasks(place.name))).toHaveLength(workloads.length);
    await Api.with((api) => api.choose(place.name, '1.1.0'));
    await new Pipeline(page).open(place.name);
    await page.getByRole('button', { name: 'Copy a link with the selections' }).click();
    await expect(page).toHaveURL(/\/plans\/[0-9a-f-]{36}$/, { timeout: 120_000 });
    await expect(page.getByRole('button', { name: /^Run 60 tasks/ })).toBeVisible();
  }));
