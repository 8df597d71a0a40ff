/**
 * `createCacheHandler`, the door of `tiercel/http`: the endpoints of one cache for node:http, Express, Fastify and whatever
 * speaks fetch. It joins endpoints and transports, and has no rule of its own.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { notFound } from './answer';
import { Endpoints } from './endpoints';
import { type FastifyPlugin, fastifyPlugin } from './fastify-plugin';
import { fetchRequest, fetchResponse } from './fetch-transport';
import { nodeRequest, sendToNode } from './node-transport';
import { type CacheHandlerOptions, resolveHandlerOptions } from './options';
import { isRoute } from './routes';
import type { ServedCache } from './served-cache';

export type { RawRequest } from './endpoint-request';
export type { FastifyPlugin, FastifyScope } from './fastify-plugin';
export type { AccessRequest, CacheHandlerOptions } from './options';
export type { RefusalCode } from './refusal';
export type { ServedCache } from './served-cache';

export interface CacheHandler {
  /**
   * For `http.createServer` and Express' `use`. Requests for other paths go to `next` if there is one; otherwise they are
   * answered with 404. Resolves when the answer was given; never rejects.
   */
  (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void): Promise<void>;
  /** The same for the fetch standard. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** The same as a Fastify plugin: `app.register(handler.fastify)`, with a `prefix` or without. */
  fastify: FastifyPlugin;
}

/**
 * The endpoints of a cache: figures for people, monitoring and a page in the browser, and, for those who have the token
 * or whom `authorize` lets, invalidation. No answer ever holds a cached value.
 *
 * @throws ConfigError (`TIERCEL_CONFIG`) that lists every mistake in the options
 */
export function createCacheHandler(cache: ServedCache, options: CacheHandlerOptions = {}): CacheHandler {
  const resolved = resolveHandlerOptions(options);
  const endpoints = new Endpoints(cache, resolved);

  const handle = async (
    req: IncomingMessage,
    res: ServerResponse,
    basePath: string,
    next?: (error?: unknown) => void,
  ): Promise<void> => {
    const request = nodeRequest(req, basePath);
    if (next !== undefined && (request === undefined || !isRoute(request.route))) {
      next();
      return;
    }
    sendToNode(req, res, request === undefined ? notFound() : await endpoints.answer(request));
  };

  return Object.assign(
    (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) =>
      handle(req, res, resolved.basePath, next),
    {
      fetch: async (request: Request): Promise<Response> => {
        const asked = fetchRequest(request, resolved.basePath);
        return fetchResponse(request, asked === undefined ? notFound() : await endpoints.answer(asked));
      },
      fastify: fastifyPlugin(resolved.basePath, handle),
    },
  );
}
