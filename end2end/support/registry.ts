// The playground's registry, asked past Slipway.

import { variable } from './environment.ts';

const MANIFESTS = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];

/** Asked at once: more are not answered sooner. */
const AT_ONCE = 16;

interface Manifest {
  config: { digest: string };
  layers: { digest: string }[];
}

/** Gives an image of one repository many tags in another. */
export async function tagMany(from: { repository: string; tag: string }, repository: string, tags: string[]): Promise<void> {
  const source = await call('GET', `${from.repository}/manifests/${from.tag}`, { headers: { Accept: MANIFESTS.join(', ') } });
  const body = await source.text();
  const { config, layers } = JSON.parse(body) as Manifest;
  for (const { digest } of [config, ...layers]) {
    await call('POST', `${repository}/blobs/uploads/?mount=${digest}&from=${from.repository}`);
  }
  const headers = { 'Content-Type': source.headers.get('Content-Type') ?? '' };
  const left = [...tags];
  const put = async (): Promise<void> => {
    for (let tag = left.pop(); tag !== undefined; tag = left.pop()) {
      await call('PUT', `${repository}/manifests/${tag}`, { headers, body });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}

async function call(method: string, path: string, request: { headers?: Record<string, string>; body?: string } = {}): Promise<Response> {
  const answer = await fetch(`http://${variable('REGISTRY')}/v2/${path}`, { method, ...request });
  if (!answer.ok) {
    throw new Error(`${method} ${path} was answered with ${String(answer.status)}: ${await answer.text()}`);
  }
  return answer;
}
