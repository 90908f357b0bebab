// Where Slipway and the playground are: the variables of `.playground/env`.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The cookie of the signed-in user, written by the set-up. */
export const session = path.join(root, 'end2end/test-results/session.json');

/** The tests' own user; its password is another one each time. */
export const user = 'end2end';

export function password(): string {
  return variable('END2END_PASSWORD');
}

export function slipway(): string {
  return variable('SLIPWAY_URL');
}

/** Slipway's program, as the playground's server runs it, or any other of the same version. */
export function programs(): string[] {
  const given = process.env['SLIPWAY_BIN'];
  const target = process.env['CARGO_TARGET_DIR'] ?? path.join(root, 'target');
  return given ? [given] : ['release', 'debug'].map((profile) => path.join(target, profile, 'slipway'));
}

export function variable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: source .playground/env, or run \`cargo xtask test browser\``);
  }
  return value;
}
