import type { Page } from '@playwright/test';

/** Opens a page and waits until the browser has taken it over: what is pressed before is lost. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address, { waitUntil: 'networkidle' });
}
