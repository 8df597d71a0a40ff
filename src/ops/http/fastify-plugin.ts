/**
 * A Fastify plugin. In its own scope bodies are left unread, so that the endpoints judge them as they do elsewhere;
 * Fastify's hooks, such as one that authenticates, run before. Written as a structure: Fastify may not be installed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface FastifyScope {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(
    path: string,
    handler: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
    ) => void,
  ): unknown;
}

export type FastifyPlugin = (scope: FastifyScope, options: unknown, done: () => void) => void;

/** @param handle answers below the path that it is given */
export function fastifyPlugin(
  basePath: string,
  handle: (req: IncomingMessage, res: ServerResponse, basePath: string) => unknown,
): FastifyPlugin {
  return (scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    const prefix = scope.prefix === '/' ? '' : scope.prefix;
    for (const path of [basePath, `${basePath}/*`]) {
      scope.all(path, (request, reply) => {
        reply.hijack();
        handle(request.raw, reply.raw, `${prefix}${basePath}`);
      });
    }
    done();
  };
}
