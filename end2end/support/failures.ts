// Says at the very end what failed and where: of a long output, the end is what is kept.

import type { FullConfig, Reporter, Suite, TestCase } from '@playwright/test/reporter';

/** Lines of each failure that are shown: the expectation, what came, and the start of the log of calls. */
const LINES = 8;

/** Colours of a terminal, which a stored output shows as rubbish. */
const COLOUR = /\u001b\[[0-9;]*m/g;

export default class Failures implements Reporter {
  #root: Suite | undefined;

  onBegin(_config: FullConfig, root: Suite): void {
    this.#root = root;
  }

  onEnd(): void {
    const failed = (this.#root?.allTests() ?? []).filter((test) => test.outcome() === 'unexpected');
    failed.forEach(tell);
  }

  printsToStdio(): boolean {
    return false;
  }
}

function tell(test: TestCase): void {
  const errors = test.results.flatMap((result) => result.errors);
  console.log(`\n✘ ${test.titlePath().filter(Boolean).join(' › ')}`);
  for (const error of errors) {
    const where = error.location ? `${error.location.file.split('/').pop()}:${error.location.line}` : 'no place';
    const lines = (error.message ?? '').replace(COLOUR, '').split('\n').filter((line) => line.trim());
    console.log([`at ${where}`, ...lines.slice(0, LINES)].map((line) => `  ${line.slice(0, 200)}`).join('\n'));
  }
}
