import type { Locator } from '@playwright/test';

/** A little more than the button asks for. */
const HOLD_MS = 1_000;

/** Holds a button as long as it has to be held. */
export async function hold(button: Locator): Promise<void> {
  await button.click({ delay: HOLD_MS });
}
