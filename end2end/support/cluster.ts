// What the cluster says, asked past Slipway.

import { execFileSync } from 'node:child_process';

interface Pods {
  items: {
    metadata: { deletionTimestamp?: string };
    status: { containerStatuses?: { name: string; imageID: string; ready: boolean }[] };
  }[];
}

export function createNamespace(name: string): void {
  kubectl(['create', 'namespace', name]);
  // Pods are refused until the controllers have given the namespace its account.
  kubectl(['wait', '--for=create', 'serviceaccount/default', '--namespace', name, '--timeout=120s']);
}

/** Nobody waits until all of it has gone. */
export function deleteNamespace(name: string): void {
  kubectl(['delete', 'namespace', name, '--wait=false', '--ignore-not-found']);
}

export function apply(manifest: object): void {
  kubectl(['apply', '--filename', '-'], JSON.stringify(manifest));
}

/** As `apply`, with one call for each of a list. */
export function create(manifest: object): void {
  kubectl(['create', '--filename', '-'], JSON.stringify(manifest));
}

/** Waits for the pods of a Deployment. */
export function rolledOut(name: string, namespace: string): void {
  kubectl(['rollout', 'status', `deployment/${name}`, '--namespace', namespace, '--timeout=180s']);
}

/** Sets the image of a container past Slipway. */
export function setImage(name: string, namespace: string, container: string, image: string): void {
  kubectl(['set', 'image', `deployment/${name}`, `${container}=${image}`, '--namespace', namespace]);
}

/** The image ids of a container in all pods of an app that are not on their way out. */
export function imageIds(app: string, container: string): string[] {
  const words = ['--namespace', 'shop', 'get', 'pods', '--selector', `app=${app}`, '--output', 'json'];
  const pods = JSON.parse(kubectl(words)) as Pods;
  return pods.items
    .filter((pod) => !pod.metadata.deletionTimestamp)
    .flatMap((pod) => pod.status.containerStatuses ?? [])
    .filter((status) => status.name === container)
    .map((status) => status.imageID);
}

function kubectl(words: string[], input?: string): string {
  return execFileSync('kubectl', words, { encoding: 'utf8', input });
}
