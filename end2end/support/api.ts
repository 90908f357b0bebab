// Slipway over REST, for what a journey begins with and what it leaves behind.

import { request, type APIRequestContext } from '@playwright/test';

import { slipway, variable } from './environment.ts';

export interface Brief {
  number: number;
  tag: string;
  status: string;
  digest: string | null;
}

export interface Task {
  id: string;
  deployed: { tag: string | null; digest: string | null };
  build: { newest_run: Brief | null; newest_success: Brief | null } | null;
  current_run: { run: string; status: string } | null;
}

export class Api {
  readonly #context: APIRequestContext;

  private constructor(context: APIRequestContext) {
    this.#context = context;
  }

  /** Talks to Slipway while `work` runs. */
  static async with<T>(work: (api: Api) => Promise<T>): Promise<T> {
    const context = await request.newContext({
      baseURL: `${slipway()}/api/v1/`,
      extraHTTPHeaders: { Authorization: `Bearer ${variable('SLIPWAY_TOKEN')}` },
    });
    try {
      return await work(new Api(context));
    } finally {
      await context.dispose();
    }
  }

  task(id: string): Promise<Task> {
    return this.#ask('GET', `maps/shop/tasks/${id}`);
  }

  /** The ids of all tasks of a map. */
  async tasks(map: string): Promise<string[]> {
    const { workloads } = await this.#ask<{ workloads: { tasks: Task[] }[] }>('GET', `maps/${map}/tasks`);
    return workloads.flatMap(({ tasks }) => tasks.map(({ id }) => id));
  }

  /** Chooses a tag for all tasks of a map. */
  async choose(map: string, tag: string): Promise<void> {
    for (const task of await this.tasks(map)) {
      await this.#ask('PUT', `maps/${map}/tasks/${task}/selection`, { version: { tag } });
    }
  }

  /** Stores what a run would do; answers with the plan's id. */
  async storePlan(map: string, run: object): Promise<string> {
    const { id } = await this.#ask<{ id: string }>('POST', `maps/${map}/plans`, run);
    return id;
  }

  /** The version that is stored for a task. */
  async selected(id: string): Promise<unknown> {
    const { selection } = await this.#ask<{ selection: { version: unknown } | null }>('GET', `maps/shop/tasks/${id}`);
    return selection?.version ?? null;
  }

  /** Takes back what somebody chose and did not run. */
  async clear(id: string): Promise<void> {
    await this.#ask('DELETE', `maps/shop/tasks/${id}/selection`);
  }

  /** Lifts a hold, of whomever. */
  async unhold(id: string, map = 'shop'): Promise<void> {
    await this.#ask('DELETE', `maps/${map}/tasks/${id}/hold`);
  }

  /** Rolls a tag out and waits until it truly runs. */
  async deploy(id: string, tag: string): Promise<void> {
    const { deployed, current_run } = await this.task(id);
    if (deployed.tag === tag && !current_run) {
      return;
    }
    const run = await this.#ask<{ status: string }>('POST', 'maps/shop/runs?wait=settled&timeout_ms=120000', {
      items: [{ task: id, version: { tag } }],
    });
    if (run.status !== 'succeeded') {
      throw new Error(`the rollout of ${tag} to ${id} ended as ${run.status}`);
    }
  }

  async newestRun(): Promise<string> {
    const { items } = await this.#ask<{ items: { id: string }[] }>('GET', 'runs?limit=1');
    return first(items).id;
  }

  async newestBuildRun(build: string): Promise<number> {
    const { items } = await this.#ask<{ items: Brief[] }>('GET', `builds/${build}/runs?limit=1`);
    return first(items).number;
  }

  async make(collection: string, body: object): Promise<void> {
    await this.#ask('POST', collection, body);
  }

  /** Deletes what was made; it may have gone already. */
  async unmake(path: string): Promise<void> {
    await this.#ask('DELETE', path, undefined, [404]);
  }

  async #ask<T>(method: string, path: string, data?: unknown, allowed: number[] = []): Promise<T> {
    const answer = await this.#context.fetch(path, { method, data, timeout: 130_000 });
    if (!answer.ok() && !allowed.includes(answer.status())) {
      throw new Error(`${method} ${path} was answered with ${answer.status()}: ${await answer.text()}`);
    }
    const text = await answer.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
}

function first<T>(items: T[]): T {
  const [item] = items;
  if (item === undefined) {
    throw new Error('the shop has none of them: run `cargo xtask playground up`');
  }
  return item;
}
