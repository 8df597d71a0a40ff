/** Request and response of the fetch standard, as Hono, Bun, Deno and tests of users have them. */
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Answer } from './answer';
import { readBody } from './body-reader';
import { type Body, type EndpointRequest, routeBelow, splitTarget } from './endpoint-request';

/** `undefined` if the request is not for the endpoints at `basePath`. */
export function fetchRequest(request: Request, basePath: string): EndpointRequest | undefined {
  const { path, query } = splitTarget(request.url);
  const route = routeBelow(basePath, path);
  if (route === undefined) return undefined;
  return {
    method: request.method,
    route,
    query,
    header: (name) => request.headers.get(name) ?? undefined,
    body: () => fetchBody(request),
    raw: request,
    onLoopback: false,
  };
}

export function fetchResponse(request: Request, { status, headers, body }: Answer): Response {
  const hasNone = request.method === 'HEAD' || status === 204;
  return new Response(hasNone ? null : body, { status, headers });
}

async function fetchBody(request: Request): Promise<Body> {
  if (request.body === null || request.bodyUsed) return { kind: 'none' };
  const stream = Readable.fromWeb(request.body as ReadableStream);
  try {
    return await readBody(stream);
  } finally {
    // Cancels what a refused body still has to send.
    stream.destroy();
  }
}
