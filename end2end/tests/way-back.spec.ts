import { setImage } from '../support/cluster.ts';
import { variable } from '../support/environment.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Place } from '../support/place.ts';
import { hold } from '../support/press.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const STORE = `${variable('REGISTRY')}/shop/store`;
const AGENT = `${variable('REGISTRY')}/shop/agent`;

/** A rollout of one pod, on a busy machine. */
const ROLLS_WITHIN = 180_000;

test('a rollback goes past a rollout that is under way, and holds', ({ page }) =>
  Place.with(page, 'overtake', async (place) => {
    test.setTimeout(480_000);
    place.run({ name: 'store', image: `${STORE}:2.0.0` });
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await pipeline.chooseTag('store', 'app', '3.0.0-crash');
    await pipeline.run('store').click();
    const card = pipeline.card('store');
    await expect(card.getByRole('button', { name: /^Stop and roll back/ })).toBeVisible();

    await pipeline.act('store', 'Roll back…');
    const dialog = page.getByRole('dialog', { name: 'Roll back store / app' });
    await expect(dialog.getByRole('radio', { name: /2\.0\.0/ })).toBeChecked();
    const back = dialog.getByRole('button', { name: 'Roll back to 2.0.0' });
    await expect(back).not.toHaveAttribute('aria-disabled');
    await back.focus();
    await page.keyboard.press('Enter', { delay: 1_000 });
    await expect(dialog).toBeHidden();

    await expect(card).toContainText('Running 1/1', { timeout: ROLLS_WITHIN });
    await expect(pipeline.row('store', 'app')).toContainText('2.0.0');
    await expect(card.getByRole('button', { name: /^Held by/ })).toBeVisible();
    await visit(page, `/runs?map=${place.name}`);
    await expect(page.getByRole('row').filter({ hasText: 'Roll back store' })).toContainText('Succeeded', { timeout: ROLLS_WITHIN });
    await page.getByRole('link', { name: 'Deploy store' }).click();
    await expect(page.locator('#item-1')).toContainText('Superseded');
  }));

test('a batch fails, and one press on its page undoes what it changed', ({ page }) =>
  Place.with(page, 'batch', async (place) => {
    test.setTimeout(480_000);
    place.run({ name: 'agent', image: `${AGENT}:5.0.0` }, { name: 'store', image: `${STORE}:2.0.0` });
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await pipeline.chooseTag('agent', 'app', '5.1.0');
    await pipeline.chooseTag('store', 'app', '3.0.0-crash');
    await expect(page.getByRole('button', { name: /^Batch execution/ })).toContainText('2');

    await page.locator('#plan').click();
    const sheet = page.getByRole('dialog', { name: `Plan for ${place.name}` });
    await expect(sheet).toContainText('store / app');
    await sheet.getByRole('button', { name: 'Arrange waves' }).click();
    await sheet.getByLabel('Wave of store / app').fill('2');
    await sheet.getByLabel('Wave of store / app').press('Tab');
    await expect(sheet.getByRole('heading', { name: /^Wave 2/ })).toBeVisible();
    await sheet.getByLabel('Note').fill('release 42');
    await sheet.getByRole('button', { name: /^Run 2 tasks/ }).click();
    await expect(sheet).toBeHidden();

    const toast = page.getByRole('listitem').filter({ hasText: 'release 42 failed' });
    await toast.getByRole('link', { name: 'See the run' }).click({ timeout: ROLLS_WITHIN });
    await expect(page.locator('.page-head')).toContainText('Failed');
    await expect(page.locator('#item-1')).toContainText('5.0.0');
    await expect(page.locator('#item-2')).toContainText('crash_loop');

    await page.getByRole('button', { name: 'Undo changes 2' }).click();
    const undo = page.getByRole('dialog', { name: 'Undo 2 changes' });
    await undo.getByRole('button', { name: 'Undo 2 changes' }).click();
    await expect(page.getByRole('heading', { name: 'Undo 2 tasks' })).toBeVisible();
    await expect(page.locator('.page-head')).toContainText('Succeeded', { timeout: ROLLS_WITHIN });
    await page.getByRole('link', { name: 'Undoes a run' }).click();
    await expect(page.getByRole('link', { name: 'Undone by another run' })).toBeVisible();

    await pipeline.open(place.name);
    await expect(pipeline.card('store')).toContainText('Running 1/1', { timeout: ROLLS_WITHIN });
    await expect(pipeline.row('agent', 'app')).toContainText('5.0.0');
  }));

test('a hold says who, why and until when, and is lifted', ({ page }) =>
  Place.with(page, 'hold', async (place) => {
    place.run({ name: 'agent', image: `${AGENT}:5.0.0` });
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await pipeline.act('agent', 'Hold…');
    const dialog = page.getByRole('dialog', { name: 'Hold agent / app' });
    await dialog.getByLabel('Reason').fill('5.1.0 leaks');
    await dialog.getByLabel('Until').selectOption('In 4 hours');
    await dialog.getByRole('button', { name: 'Hold', exact: true }).click();
    await expect(dialog).toBeHidden();

    const held = pipeline.card('agent').getByRole('button', { name: /^Held by .*5\.1\.0 leaks/ });
    await expect(held).toBeVisible();
    await held.click();
    await expect(dialog).toContainText('end2end: 5.1.0 leaks');
    await expect(dialog).toContainText(/until \d\d:\d\d|until \w{3} \d\d:\d\d/);
    await dialog.getByRole('button', { name: 'Lift the hold' }).click();
    await expect(held).toBeHidden();
  }));

test('history tells every version, compares two and goes back to one', ({ page }) =>
  Place.with(page, 'history', async (place) => {
    test.setTimeout(480_000);
    place.run({ name: 'store', image: `${STORE}:1.1.0` });
    const pipeline = new Pipeline(page);
    await pipeline.open(place.name);
    await pipeline.chooseTag('store', 'app', '2.0.0');
    await pipeline.run('store').click();
    const toast = page.getByRole('listitem').filter({ hasText: 'store runs 2.0.0' });
    await expect(toast.getByRole('button', { name: 'Undo' })).toBeVisible({ timeout: ROLLS_WITHIN });
    setImage('store', place.name, 'app', `${STORE}:latest`);

    await pipeline.act('store', 'History');
    await expect(page).toHaveURL(/\/history\?task=deployment\/store\/app$/);
    const row = (tag: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${tag}`) }) });
    await expect(row('2\\.0\\.0')).toContainText('end2end');
    await expect(row('1\\.1\\.0')).toBeVisible();
    await row('1\\.1\\.0').getByRole('button', { name: /^Compare/ }).click();
    await row('2\\.0\\.0').getByRole('button', { name: 'Compare with this' }).click();
    const comparison = page.getByRole('region', { name: '1.1.0 and 2.0.0' });
    await expect(comparison).toContainText('What differs');

    await row('1\\.1\\.0').getByRole('button', { name: 'Roll back to 1.1.0' }).click();
    const dialog = page.getByRole('dialog', { name: 'Roll back store / app' });
    const back = dialog.getByRole('button', { name: 'Roll back to 1.1.0' });
    await expect(back).not.toHaveAttribute('aria-disabled');
    await hold(back);
    await expect(page).toHaveURL(/\/runs\/[0-9a-f-]+$/);
    await expect(page.locator('.page-head')).toContainText('Succeeded', { timeout: ROLLS_WITHIN });
  }));
