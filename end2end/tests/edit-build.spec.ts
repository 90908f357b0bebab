import type { Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const BUILD = 'end2end-edit';
const ADDRESS = `/builds/${BUILD}/edit`;

// The browser itself tells of each answer that refuses to save.
test.use({ expected: [/status of 4\d\d/] });

const clean = () => Api.with((api) => api.unmake(`builds/${BUILD}`));
test.beforeEach(async () => {
  await clean();
  await Api.with((api) =>
    api.make('builds', {
      name: BUILD,
      registry: 'local',
      repository: 'shop/end2end-edit',
      engine: 'local',
      tag_rule: { type: 'sequence' },
      steps: [
        { type: 'git', name: 'source', url: 'https://git.example/shop/api.git' },
        { type: 'image', name: 'image' },
      ],
    }),
  );
});
test.afterAll(clean);

const step = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByLabel(`Edit step ${name}`, { exact: true }) });

const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });

/** Waits until the steps stand in this order. */
async function inOrder(page: Page, ...names: string[]): Promise<void> {
  const said = names.map((name) => new RegExp(`^${name}:`));
  await expect(page.locator('.step .step-head > .sub')).toHaveText(said);
}

/** Whether the browser would ask before it closes the page. */
const asksToClose = (page: Page) =>
  page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));

async function addScript(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Add step' }).click();
  await page.getByRole('menuitem', { name: 'Script' }).click();
}

test('a script is added, moved by keyboard, corrected where it is wrong, and kept', async ({ page }) => {
  await visit(page, ADDRESS);
  await addScript(page);
  const script = step(page, 'script');
  await expect(script.getByLabel('Image')).toBeFocused();
  await script.getByLabel('Image').fill('registry.example/tools:1');

  const handle = script.getByRole('button', { name: /^Move step 3, Script script/ });
  await handle.press('ArrowUp');
  await expect(page.getByText('Step script is now 2 of 3')).toBeAttached();
  await inOrder(page, 'source', 'script', 'image');
  await expect(script.getByRole('button', { name: /^Move step 2/ })).toBeFocused();
  // With Alt it moves from anywhere in its head: to the first place, and back.
  await script.getByLabel('Step script is on').press('Alt+ArrowUp');
  await expect(script.getByRole('button', { name: /^Move step 1/ })).toBeVisible();
  await expect(script.getByLabel('Step script is on')).toBeFocused();
  await script.getByLabel('Step script is on').press('Alt+ArrowDown');

  await script.getByRole('button', { name: 'Add variable' }).click();
  await expect(script.getByLabel('Environment: Name')).toBeFocused();
  await page.keyboard.type('TOKEN');
  await script.getByLabel('Environment: Value').fill('${secret:NOBODY_HAS_IT}');
  // A field that is wrong opens its step.
  await script.getByLabel('Edit step script').click();
  await expect(script.getByLabel('Environment: Name')).toBeHidden();
  await save(page).click();
  await expect(script.getByLabel('Script', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await expect(script.getByLabel('Script', { exact: true })).toHaveAccessibleDescription(/is needed/);
  await expect(script.getByLabel('Environment: Value')).toHaveAccessibleDescription(/NOBODY_HAS_IT is not a secret/);
  await page.getByRole('button', { name: 'Step 2 script, Script' }).click();
  await expect(script.getByLabel('Script', { exact: true })).toBeFocused();

  await script.getByLabel('Script', { exact: true }).fill('make lint\nmake test');
  await script.getByLabel('Environment: Value').fill('${build.tag}');
  await save(page).click();
  await expect(page).toHaveURL('/builds');

  await visit(page, ADDRESS);
  await inOrder(page, 'source', 'script', 'image');
  await step(page, 'script').getByLabel('Edit step script').click();
  await expect(step(page, 'script').getByLabel('Script', { exact: true })).toHaveValue('make lint\nmake test');
  await expect(step(page, 'script').getByLabel('Environment: Name')).toHaveValue('TOKEN');
  await expect(step(page, 'script').getByLabel('Environment: Value')).toHaveValue('${build.tag}');
});

test('a step is dragged to where the line shows', async ({ page }) => {
  await visit(page, ADDRESS);
  const target = step(page, 'source').locator('.step-head');
  await step(page, 'image').locator('.step-grip').dragTo(target, { targetPosition: { x: 40, y: 4 } });
  await inOrder(page, 'image', 'source');
  await expect(page.locator('[data-drop]')).toHaveCount(0);
});

test('a step is duplicated, and one that was removed comes back', async ({ page }) => {
  await visit(page, ADDRESS);
  await step(page, 'source').getByRole('button', { name: 'Actions for source' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(step(page, 'source-2').getByLabel('URL')).toHaveValue('https://git.example/shop/api.git');

  await step(page, 'source').getByRole('button', { name: 'Actions for source' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(step(page, 'source')).toHaveCount(0);
  const toast = page.getByRole('listitem').filter({ hasText: 'Step source is removed' });
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect(toast).toHaveCount(0);
  await inOrder(page, 'source', 'source-2', 'image');
});

test('leaving asks where something was changed, and only there', async ({ page }) => {
  await visit(page, '/builds');
  await page.getByRole('row', { name: BUILD }).getByRole('link', { name: BUILD, exact: true }).click();
  await expect(page).toHaveURL(ADDRESS);
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  expect(await asksToClose(page)).toBe(false);
  await page.getByRole('link', { name: 'Runs', exact: true }).last().click();
  await expect(page).not.toHaveURL(ADDRESS);
  await page.goBack();
  await expect(page).toHaveURL(ADDRESS);

  const description = page.getByLabel('Description');
  await description.fill('typed and not saved');
  expect(await asksToClose(page)).toBe(true);
  await page.getByRole('link', { name: 'Connections' }).click();
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Keep editing' }).click();
  await expect(question).toBeHidden();
  await expect(page).toHaveURL(ADDRESS);
  await expect(description).toHaveValue('typed and not saved');

  await page.evaluate(() => history.back());
  await expect(question).toBeVisible();
  await expect(page).toHaveURL(ADDRESS);
  await question.getByRole('button', { name: 'Keep editing' }).click();
  await expect(question).toBeHidden();

  await page.getByRole('link', { name: 'Connections' }).click();
  await question.getByRole('button', { name: 'Leave without saving' }).click();
  await expect(page).toHaveURL('/settings/connections');

  await visit(page, ADDRESS);
  await expect(description).toHaveValue('');
  await description.fill('x');
  await description.fill('');
  expect(await asksToClose(page)).toBe(false);
});

test('of two who edit at once the second sees what the first saved, and chooses', async ({ page, context, watch }) => {
  await visit(page, ADDRESS);
  const other = await context.newPage();
  watch(other);
  await visit(other, ADDRESS);
  await page.getByLabel('Description').fill('by the first');
  await save(page).click();
  await expect(page).toHaveURL('/builds');

  await other.getByLabel('Runs at once').fill('3');
  await save(other).click();
  const conflict = other.getByRole('dialog', { name: 'Somebody else has saved this build' });
  await expect(conflict.getByRole('listitem').filter({ hasText: 'Description' })).toContainText('by the first');
  await conflict.getByRole('button', { name: 'Keep editing' }).click();
  await expect(other.getByLabel('Runs at once')).toHaveValue('3');

  await save(other).click();
  await conflict.getByRole('button', { name: 'Take theirs' }).click();
  await expect(other.getByLabel('Description')).toHaveValue('by the first');
  await expect(other.getByLabel('Runs at once')).toHaveValue('1');

  await visit(page, ADDRESS);
  await other.getByLabel('Runs at once').fill('4');
  await save(other).click();
  await expect(other).toHaveURL('/builds');
  await page.getByLabel('Runs at once').fill('2');
  await save(page).click();
  const mine = page.getByRole('dialog', { name: 'Somebody else has saved this build' });
  await mine.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(page).toHaveURL('/builds');
  await visit(page, ADDRESS);
  await expect(page.getByLabel('Runs at once')).toHaveValue('2');
});
