// Makes the tests' user on the host, as an administrator would, and signs it in once.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';

import { request } from '@playwright/test';

import { programs, session, slipway, user, variable } from './environment.ts';

export default async function setup(): Promise<void> {
  const password = randomBytes(18).toString('base64url');
  process.env['END2END_PASSWORD'] = password;
  const known = command(['user', 'list']).split('\n').some((line) => line.split('\t')[0] === user);
  const verb = known ? ['password', user] : ['add', user, '--role', 'admin'];
  command(['user', ...verb, '--password-stdin'], password);

  const api = await request.newContext({ baseURL: slipway() });
  const answer = await api.post('/api/v1/session', { data: { username: user, password } });
  if (!answer.ok()) {
    throw new Error(`signing in was answered with ${answer.status()}: ${await answer.text()}`);
  }
  await api.storageState({ path: session });
  await api.dispose();
}

function command(words: string[], input = ''): string {
  const program = programs().find(existsSync);
  if (!program) {
    throw new Error(`Slipway's program is at none of ${programs().join(', ')}: set SLIPWAY_BIN`);
  }
  // Only what the command needs: the token of scripts is no setting.
  const env = {
    PATH: process.env['PATH'],
    SLIPWAY_DATA_DIR: variable('SLIPWAY_DATA_DIR'),
    SLIPWAY_URL: slipway(),
  };
  return execFileSync(program, words, { input, env, encoding: 'utf8' });
}
