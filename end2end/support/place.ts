// A namespace of one journey and what Slipway knows of it. All of it goes when the journey ends.

import type { Page } from '@playwright/test';

import { Api } from './api.ts';
import { apply, create, createNamespace, deleteNamespace, rolledOut } from './cluster.ts';

/** A Deployment with one container, `app`, of one pod unless said. */
export interface Workload {
  name: string;
  image: string;
  replicas?: number;
  /** More containers of the same image. */
  beside?: string[];
}

export class Place {
  readonly #name: string;
  readonly #made: string[] = [];

  private constructor(name: string) {
    this.#name = name;
  }

  /** Has a journey play in a map of its own. The page leaves before the map goes: it would tell that it is gone. */
  static async with(page: Page, purpose: string, journey: (place: Place) => Promise<void>): Promise<void> {
    const place = new Place(`e2e-${purpose}-${Date.now().toString(36)}`);
    try {
      await place.#begin();
      await journey(place);
      await page.goto('about:blank');
    } finally {
      await place.#end();
    }
  }

  /** Of the namespace and of the map. */
  get name(): string {
    return this.#name;
  }

  /** Makes something of Slipway's that goes with the place. */
  async make(collection: string, body: { name: string } & Record<string, unknown>): Promise<void> {
    await Api.with((api) => api.make(collection, body));
    this.#made.push(`${collection}/${body.name}`);
  }

  /** Waits until the pods of all are there. */
  run(...workloads: Workload[]): void {
    workloads.forEach((workload) => this.apply(workload));
    workloads.forEach(({ name }) => rolledOut(name, this.#name));
  }

  apply(workload: Workload): void {
    apply(this.#manifest(workload));
  }

  /** Makes many at once; none of them may be there yet. */
  create(workloads: Workload[]): void {
    create({ apiVersion: 'v1', kind: 'List', items: workloads.map((workload) => this.#manifest(workload)) });
  }

  #manifest({ name, image, replicas = 1, beside = [] }: Workload): object {
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: this.#name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            automountServiceAccountToken: false,
            terminationGracePeriodSeconds: 1,
            containers: ['app', ...beside].map((container) => ({ name: container, image })),
          },
        },
      },
    };
  }

  async #begin(): Promise<void> {
    createNamespace(this.#name);
    await this.make('maps', { name: this.#name, cluster: 'local', namespace: this.#name });
  }

  async #end(): Promise<void> {
    await Api.with(async (api) => {
      for (const made of this.#made.reverse()) {
        await api.unmake(made);
      }
    });
    deleteNamespace(this.#name);
  }
}
