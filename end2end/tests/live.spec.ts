import { expect, test } from '../support/test.ts';

// Between the page that the server renders and the socket that the browser opens, things change.
for (const { page: address, reads } of [
  { page: '/runs?map=shop', reads: '**/api/ui/runs' },
  { page: '/maps/shop/history', reads: '**/api/ui/history' },
]) {
  test(`${address} is read again once it listens`, async ({ page }) => {
    const read = page.waitForResponse(reads);
    await page.goto(address);
    expect((await read).ok()).toBe(true);
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
  });
}
