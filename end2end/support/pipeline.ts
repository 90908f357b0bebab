// The pipeline page of the shop, by what a reader sees of it.

import type { Locator, Page } from '@playwright/test';

import { visit } from './visit.ts';

export class Pipeline {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async open(map = 'shop'): Promise<void> {
    await visit(this.#page, `/maps/${map}/pipeline`);
  }

  card(workload: string): Locator {
    return this.#page.getByRole('listitem').filter({ has: this.#page.getByRole('heading', { name: workload, exact: true, level: 2 }) });
  }

  row(workload: string, container: string): Locator {
    return this.card(workload).getByRole('group', { name: new RegExp(`^${workload}, container ${container}(,|$)`) });
  }

  run(workload: string): Locator {
    return this.card(workload).getByRole('button', { name: `Run ${workload}:` });
  }

  /** Opens the menu of a card and chooses from it. */
  async act(workload: string, action: string): Promise<void> {
    await this.card(workload).getByRole('button', { name: `Actions for ${workload}` }).click();
    await this.card(workload).getByRole('menuitem', { name: action }).click();
  }

  /** Types a tag and leaves the box, which stores it. */
  async chooseTag(workload: string, container: string, tag: string): Promise<void> {
    const box = this.row(workload, container).getByRole('combobox');
    await box.fill(tag);
    await box.press('Enter');
  }
}
