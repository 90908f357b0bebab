// What the cluster says, asked past Slipway.

import { execFileSync } from 'node:child_process';

interface Pods {
  items: {
    metadata: { deletionTimestamp?: string };
    status: { containerStatuses?: { name: string; imageID: string; ready: boolean }[] };
  }[];
}

/** The image ids of a container in all pods of an app that are not on their way out. */
export function imageIds(app: string, container: string): string[] {
  const words = ['--namespace', 'shop', 'get', 'pods', '--selector', `app=${app}`, '--output', 'json'];
  const pods = JSON.parse(execFileSync('kubectl', words, { encoding: 'utf8' })) as Pods;
  return pods.items
    .filter((pod) => !pod.metadata.deletionTimestamp)
    .flatMap((pod) => pod.status.containerStatuses ?? [])
    .filter((status) => status.name === container)
    .map((status) => status.imageID);
}
