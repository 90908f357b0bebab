import type { Page } from '@playwright/test';

import { Api } from '../support/api.ts';
import { variable } from '../support/environment.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

const BUILD = 'end2end-runs';
const store = () => `${variable('REGISTRY')}/shop/store:1.0.0`;

// The browser itself tells of each answer that refuses.
test.use({ expected: [/status of 4\d\d/] });

const clean = () => Api.with((api) => api.unmake(`builds/${BUILD}`));
test.beforeEach(async () => {
  await clean();
  await Api.with((api) =>
    api.make('builds', {
      name: BUILD,
      registry: 'local',
      repository: 'shop/end2end-runs',
      engine: 'local',
      tag_rule: { type: 'sequence', prefix: `${Date.now().toString(36)}-` },
      params: { CHANNEL: { default: 'stable', description: 'Release channel.' } },
      steps: [
        { type: 'git', name: 'source', url: `file://${variable('SLIPWAY_GIT_FILE_ROOT')}/web.git` },
        {
          type: 'script',
          name: 'say',
          image: store(),
          script: 'echo "channel is $CHANNEL, $(ls | wc -l) files"',
          environment: { CHANNEL: '${param:CHANNEL}' },
        },
        { type: 'image', name: 'image', inline: `FROM ${store()}\nCOPY . /srv\n` },
      ],
    }),
  );
});
test.afterAll(clean);

/** Waits until the run whose log is open has ended well. */
async function done(page: Page, number: number): Promise<void> {
  await expect(page).toHaveURL(`/builds/${BUILD}/runs/${String(number)}/log`);
  await expect(page.locator('.page-head').getByText('DONE', { exact: true })).toBeVisible({ timeout: 120_000 });
}

test('a run is given values, repeated with others, compared and rejected', async ({ page }) => {
  test.setTimeout(480_000);
  await visit(page, `/builds/${BUILD}/runs`);
  await page.getByRole('button', { name: 'Run with…' }).click();
  const dialog = page.getByRole('dialog', { name: `Run ${BUILD}` });
  await expect(dialog.locator('datalist option[value="broken"]')).toBeAttached();
  await expect(dialog.locator('datalist option[value="v1.0.0"]')).toBeAttached();
  await dialog.getByLabel('Branch, tag or commit').fill('v1.0.0');
  await dialog.getByLabel('CHANNEL').fill('beta');
  await dialog.getByLabel('Tag of the new image').fill('not a tag');
  await dialog.getByRole('button', { name: 'Run now' }).click();
  await expect(dialog.getByLabel('Tag of the new image')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Tag of the new image').fill('');
  await dialog.getByRole('button', { name: 'Run now' }).click();
  await done(page, 1);
  await expect(page.getByText(/channel is beta/)).toBeVisible();

  await visit(page, `/builds/${BUILD}/runs/1`);
  await page.getByRole('button', { name: 'Repeat…' }).click();
  const again = page.getByRole('dialog', { name: `Repeat ${BUILD} #1` });
  await expect(again.getByLabel('CHANNEL')).toHaveValue('beta');
  await expect(again.getByLabel('Branch, tag or commit')).toHaveValue(/^[0-9a-f]{40}$/);
  await again.getByLabel('CHANNEL').fill('gamma');
  await again.getByRole('button', { name: 'Run now' }).click();
  await done(page, 2);

  await visit(page, `/builds/${BUILD}/runs/2`);
  await expect(page.getByText('as it was')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for #2' }).click();
  await page.getByRole('menuitem', { name: 'Compare with another run' }).click();
  const row = page.getByRole('row', { name: /^Build arguments/ });
  await expect(row).toContainText('CHANNEL=beta');
  await expect(row).toContainText('CHANNEL=gamma');
  await expect(page.getByRole('row', { name: /^say/ })).toContainText('DONE');
  await expect(page.getByText('Both ran the same flow.')).toBeVisible();

  await page.goBack();
  await page.getByRole('button', { name: 'Actions for #2' }).click();
  await page.getByRole('menuitem', { name: 'Do not deploy' }).click();
  await expect(page.getByText('This image is not deployed by Latest')).toBeVisible();
});

test('a step is tried with the code, and the history does not show it', async ({ page }) => {
  await visit(page, `/builds/${BUILD}/edit`);
  await page.getByRole('button', { name: 'Edit step say' }).click();
  await page.getByLabel('Script', { exact: true }).fill('echo tried with $(ls | wc -l) files; exit 3');
  await page.getByRole('button', { name: 'Actions for say' }).click();
  await page.getByRole('menuitem', { name: 'Try…' }).click();
  const dialog = page.getByRole('dialog', { name: `Try say of ${BUILD}` });
  await expect(dialog.getByLabel('With the code')).toBeChecked();
  await dialog.getByRole('button', { name: 'Try it' }).click();
  await expect(dialog.getByText(/tried with [1-9]\d* files/)).toBeVisible({ timeout: 120_000 });
  await expect(dialog.getByText('the program ended with exit code 3').first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  // What was typed is still there, and asks to be saved.
  await expect(page.getByLabel('Script', { exact: true })).toHaveValue(/^echo tried/);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await visit(page, `/builds/${BUILD}/runs`);
  await expect(page.getByText('Never built')).toBeVisible();
});

test('a flow is edited as text', async ({ page }) => {
  await visit(page, `/builds/${BUILD}/edit`);
  await page.getByRole('button', { name: 'YAML' }).click();
  const dialog = page.getByRole('dialog', { name: 'YAML' });
  const text = dialog.getByLabel('The build as YAML');
  await expect(text).toHaveValue(/- type: script\n {2}name: say/);
  const whole = await text.inputValue();
  await text.fill(whole.replace('type: script', 'type: nothing'));
  await dialog.getByRole('button', { name: 'Take it over' }).click();
  await expect(text).toHaveAttribute('aria-invalid', 'true');
  await expect(text).toHaveAccessibleDescription(/line \d+/);
  await text.fill(whole.replace('name: say', 'name: tell'));
  await dialog.getByRole('button', { name: 'Take it over' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByLabel('Edit step tell')).toBeVisible();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveURL('/builds');
  await visit(page, `/builds/${BUILD}/edit`);
  await expect(page.getByLabel('Edit step tell')).toBeVisible();
});
