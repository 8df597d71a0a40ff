/**
 * Node's request and response, as node:http and Express have them. Knows how frameworks strip prefixes and parse
 * bodies; knows nothing of the endpoints.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import type { Answer } from './answer';
import { readBody } from './body-reader';
import { type Body, type EndpointRequest, routeBelow, splitTarget } from './endpoint-request';

/** What Express, and what is like it, adds. */
interface FrameworkRequest extends IncomingMessage {
  /** The prefix that `use` has stripped from `url`. */
  readonly baseUrl?: unknown;
  /** What a body parser has made of the body. */
  readonly body?: unknown;
}

/** `undefined` if the request is not for the endpoints at `basePath`. */
export function nodeRequest(req: FrameworkRequest, basePath: string): EndpointRequest | undefined {
  const { path } = splitTarget(req.url ?? '');
  const { baseUrl } = req;
  const isStripped = typeof baseUrl === 'string' && baseUrl !== '' && baseUrl.endsWith(basePath);
  const route = routeBelow(isStripped ? '' : basePath, path);
  return route === undefined ? undefined : routedRequest(req, route, req.body);
}

/**
 * A request whose route a framework has found.
 * @param parsed what it has made of the body, if it has read it
 */
export function routedRequest(req: IncomingMessage, route: string, parsed: unknown): EndpointRequest {
  return {
    method: req.method ?? 'GET',
    route,
    query: splitTarget(req.url ?? '').query,
    header: (name) => headerOf(req, name),
    body: () => nodeBody(req, parsed),
    raw: req,
    onLoopback: isOnLoopback(req),
  };
}

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/** Node puts the server on the sockets that it has accepted. */
function isOnLoopback({ socket }: IncomingMessage): boolean {
  const address = (socket as { server?: Server }).server?.address();
  return typeof address === 'object' && address !== null && LOOPBACK_ADDRESS.test(address.address);
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Express 4 puts `{}` on requests whose body nobody has read: what counts is whether the stream was. */
async function nodeBody(req: IncomingMessage, parsed: unknown): Promise<Body> {
  if (!req.readableDidRead) return readBody(req);
  return parsed === undefined ? { kind: 'none' } : { kind: 'parsed', value: parsed };
}

export function sendToNode(
  req: IncomingMessage,
  res: ServerResponse,
  { status, headers, body }: Answer,
): void {
  if (res.headersSent || res.destroyed) return;
  // The rest of a refused body is still to come: the next request cannot be read behind it.
  const close = !req.complete && req.httpVersionMajor < 2 ? { connection: 'close' } : {};
  res.writeHead(status, { ...headers, ...close });
  res.end(req.method === 'HEAD' ? undefined : body);
}
