/**
 * The endpoints themselves, without a framework: a request comes in, an answer goes out, and nothing is thrown. It owns
 * which route does what for whom; sockets and frameworks are the transports'.
 */
import { TiercelError } from '../../contract/errors';
import { DASHBOARD_HEADERS, DASHBOARD_PAGE } from '../dashboard/page';
import { Access } from './access';
import {
  type Answer,
  emptyAnswer,
  errorAnswer,
  jsonAnswer,
  notFound,
  refusalAnswer,
  textAnswer,
} from './answer';
import type { EndpointRequest } from './endpoint-request';
import { readInvalidation } from './invalidation-request';
import type { ResolvedHandlerOptions } from './options';
import { Refusal } from './refusal';
import { allowedMethods, isRoute, ROUTES, type Route, type RoutePath } from './routes';
import type { Removed, ServedCache } from './served-cache';

/** @param seesIds whether the answer may hold the ids in keys */
type Answering = (request: EndpointRequest, seesIds: boolean) => Answer | Promise<Answer>;

export class Endpoints {
  readonly #cache: ServedCache;
  readonly #options: ResolvedHandlerOptions;
  readonly #access: Access;
  readonly #answering: Readonly<Record<RoutePath, Answering>> = {
    '': () => textAnswer('text/html; charset=utf-8', DASHBOARD_PAGE, DASHBOARD_HEADERS),
    '/stats': () => jsonAnswer(200, this.#cache.stats()),
    '/report': () => jsonAnswer(200, this.#cache.report()),
    '/health': () => this.#health(),
    '/health/live': () => jsonAnswer(200, { live: true }),
    '/health/ready': () => this.#readiness(),
    '/metrics': () => this.#metrics(),
    '/map': ({ query }) => this.#map(query.get('format')),
    '/invalidations': (_, seesIds) => this.#invalidations(seesIds),
    '/invalidate': (request) => this.#invalidate(request),
    '/clear': async () => outcome(await this.#cache.clear()),
  };

  constructor(cache: ServedCache, options: ResolvedHandlerOptions) {
    this.#cache = cache;
    this.#options = options;
    this.#access = new Access(options);
  }

  /** Never rejects. */
  async answer(request: EndpointRequest): Promise<Answer> {
    try {
      return await this.#answer(request);
    } catch (error) {
      return error instanceof Refusal ? refusalAnswer(error) : this.#failed(error);
    }
  }

  async #answer(request: EndpointRequest): Promise<Answer> {
    const path = request.route;
    if (!isRoute(path)) return notFound();
    const route: Route = ROUTES[path];
    const allow = allowedMethods(route);
    if (request.method === 'OPTIONS') return emptyAnswer({ allow });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (method !== route.method) {
      throw new Refusal('TIERCEL_HTTP_METHOD', `This endpoint takes ${allow}.`, { allow });
    }
    return this.#answering[path](request, await this.#seesIds(request, route));
  }

  /** @throws Refusal where the request may not even have the answer without them */
  async #seesIds(request: EndpointRequest, { access }: Route): Promise<boolean> {
    switch (access) {
      case 'open':
        return false;
      case 'read':
        return this.#access.requireRead(request);
      case 'change':
        await this.#access.requireChange(request);
        return true;
    }
  }

  #health(): Answer {
    const health = this.#cache.health();
    return jsonAnswer(health.healthy ? 200 : this.#options.unhealthyStatus, health);
  }

  #readiness(): Answer {
    const { ready } = this.#cache.health();
    return jsonAnswer(ready ? 200 : 503, { ready });
  }

  async #metrics(): Promise<Answer> {
    // Asked for at each scrape: the registry may have been cleared since.
    const registry = this.#cache.metrics(this.#options.registry);
    return textAnswer(registry.contentType, await registry.metrics());
  }

  #map(format: string | null): Answer {
    if (format === null || format === 'json') return jsonAnswer(200, this.#cache.map());
    if (format !== 'mermaid' && format !== 'table') {
      throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', "'format' is json, mermaid or table.");
    }
    return textAnswer('text/plain; charset=utf-8', this.#cache.map(format));
  }

  #invalidations(seesIds: boolean): Answer {
    const { invalidations } = this.#cache;
    const history = invalidations.history();
    return jsonAnswer(200, {
      stats: invalidations.stats(),
      history: seesIds ? history : history.map(({ patterns, tags, reason, ...rest }) => rest),
    });
  }

  async #invalidate(request: EndpointRequest): Promise<Answer> {
    try {
      const asked = await readInvalidation(request);
      if (asked.kind === 'event') {
        const { event, data, reason } = asked;
        return outcome(await this.#cache.emit(event, data, reason === undefined ? {} : { reason }));
      }
      const { kind, ...names } = asked;
      return outcome(await this.#cache.invalidate(names));
    } catch (error) {
      // Names and values come from the client, so errors about them are his.
      if (error instanceof TiercelError) return errorAnswer(400, error.code, error.message);
      throw error;
    }
  }

  #failed(error: unknown): Answer {
    try {
      this.#options.onError(error);
    } catch {
      // Whoever is told of failures must not add one.
    }
    return errorAnswer(500, 'TIERCEL_HTTP_INTERNAL', 'The request failed inside the server.');
  }
}

/** 202: this process and the queue know of it; other processes will when Redis is back. */
function outcome(removed: Removed): Answer {
  return jsonAnswer(removed.acknowledged ? 200 : 202, removed);
}
