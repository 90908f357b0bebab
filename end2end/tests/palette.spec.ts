import { Pipeline } from '../support/pipeline.ts';
import { expect, test } from '../support/test.ts';
import { visit } from '../support/visit.ts';

test('the palette goes where it is told and opens what it is asked for', async ({ page }) => {
  const pipeline = new Pipeline(page);
  await visit(page, '/runs');
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or run' });
  const box = palette.getByRole('combobox');
  await expect(box).toBeFocused();
  await box.fill('shop');
  await expect(palette.getByRole('option').first()).toContainText('shop');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(page).toHaveURL(/\/maps\/shop\/pipeline$/);

  await expect(pipeline.card('store')).toBeVisible();
  await page.keyboard.press('Control+k');
  await box.fill('hold agent');
  await expect(palette.getByRole('option', { name: /^Hold agent/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog', { name: 'Hold agent / agent' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toContainText('Next and previous card');
});
