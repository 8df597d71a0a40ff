/**
 * The endpoints themselves, without a framework: a request comes in, an answer goes out, and nothing is thrown. It owns
 * what each route does, and for which request. Sockets and frameworks belong in the transports.
 */
import { systemClock } from '../../contract/clock';
import { TiercelError } from '../../contract/errors';
import type { InvalidationPreview } from '../../contract/invalidation-history';
import { DASHBOARD_HEADERS, DASHBOARD_PAGE } from '../dashboard/page';
import { Access, refuseForeignHost } from './access';
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
import { metricsForAll, reportFor } from './for-all';
import { type InvalidationRequest, readClearing, readInvalidation } from './invalidation-request';
import { type OperatorChange, OperatorLog } from './operator-log';
import type { ResolvedHandlerOptions } from './options';
import { Refusal } from './refusal';
import { allowedMethods, isRoute, ROUTES, type Route, type RoutePath } from './routes';
import type { Name, Removed, ServedCache } from './served-cache';

/** @param actor undefined if the answer must hold no ids, addresses and metrics of the application */
type Answering = (request: EndpointRequest, actor: string | undefined) => Answer | Promise<Answer>;

export class Endpoints {
  readonly #cache: ServedCache;
  readonly #options: ResolvedHandlerOptions;
  readonly #access: Access;
  readonly #operators = new OperatorLog();
  readonly #answering: Readonly<Record<RoutePath, Answering>> = {
    '': () => textAnswer('text/html; charset=utf-8', DASHBOARD_PAGE, DASHBOARD_HEADERS),
    '/stats': () => jsonAnswer(200, this.#cache.stats()),
    '/report': (_, actor) => jsonAnswer(200, reportFor(actor, this.#cache.report())),
    '/health': () => this.#health(),
    '/health/live': () => jsonAnswer(200, { live: true }),
    '/health/ready': () => this.#readiness(),
    '/metrics': (_, actor) => this.#metrics(actor),
    '/map': ({ query }) => this.#map(query.get('format')),
    '/invalidations': (_, actor) => this.#invalidations(actor),
    '/explain': ({ query }) => this.#explain(query.get('key')),
    '/invalidate': (request, actor) => this.#invalidate(request, actor),
    '/clear': (request, actor) => this.#clear(request, actor),
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
    refuseForeignHost(request);
    if (!isRoute(path)) return notFound();
    const route: Route = ROUTES[path];
    const allow = allowedMethods(route);
    if (request.method === 'OPTIONS') return emptyAnswer({ allow });
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (method !== route.method) {
      throw new Refusal('TIERCEL_HTTP_METHOD', `This endpoint takes ${allow}.`, { allow });
    }
    return this.#answering[path](request, await this.#actorOf(request, route));
  }

  /** @throws Refusal if the request may not have the answer at all */
  async #actorOf(request: EndpointRequest, { access }: Route): Promise<string | undefined> {
    if (access === 'open') return undefined;
    if (access === 'read') return this.#access.requireRead(request);
    return access === 'inspect' ? this.#access.requireInspect(request) : this.#access.requireChange(request);
  }

  #health(): Answer {
    const health = this.#cache.health();
    return jsonAnswer(health.healthy ? 200 : this.#options.unhealthyStatus, health);
  }

  #readiness(): Answer {
    const { ready } = this.#cache.health();
    return jsonAnswer(ready ? 200 : 503, { ready });
  }

  async #metrics(actor: string | undefined): Promise<Answer> {
    // Asked for at each scrape: the registry may have been cleared since.
    const registry = this.#cache.metrics(this.#options.registry);
    const all = await registry.metrics();
    return textAnswer(registry.contentType, actor === undefined ? metricsForAll(all) : all);
  }

  #map(format: string | null): Answer {
    if (format === null || format === 'json') return jsonAnswer(200, this.#cache.map());
    if (format !== 'mermaid' && format !== 'table') {
      throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', "'format' is json, mermaid or table.");
    }
    return textAnswer('text/plain; charset=utf-8', this.#cache.map(format));
  }

  async #explain(key: string | null): Promise<Answer> {
    if (key === null || key === '') {
      throw new Refusal('TIERCEL_HTTP_BAD_REQUEST', "'key' is the key to explain: ?key=user:42.");
    }
    try {
      return jsonAnswer(200, await this.#cache.explain(key));
    } catch (error) {
      if (error instanceof TiercelError) return errorAnswer(400, error.code, error.message);
      throw error;
    }
  }

  #invalidations(actor: string | undefined): Answer {
    const { invalidations } = this.#cache;
    const history = invalidations.history();
    const { changes } = this.#operators;
    const isPublic = actor === undefined;
    return jsonAnswer(200, {
      stats: invalidations.stats(),
      history: isPublic ? history.map(({ patterns, tags, reason, ...rest }) => rest) : history,
      operators: isPublic ? changes.map(({ what, reason, actor, ...rest }) => rest) : changes,
    });
  }

  async #invalidate(request: EndpointRequest, actor: string | undefined): Promise<Answer> {
    try {
      const { what, reason, dryRun, force } = await readInvalidation(request);
      if (dryRun) return jsonAnswer(200, { dryRun, ...this.#cache.preview(what) });
      if ('patterns' in what && !force) refuseUnreached(this.#cache.preview(what));
      const why = reason === undefined ? {} : { reason };
      const removed =
        'event' in what
          ? await this.#cache.emit(what.event, what.data, why)
          : await this.#cache.invalidate({ ...what, ...why });
      this.#record(actor, 'invalidate', namesIn(what), reason, removed);
      return outcome(removed);
    } catch (error) {
      // Names and values come from the client, and so do errors about them.
      if (error instanceof TiercelError) return errorAnswer(400, error.code, error.message);
      throw error;
    }
  }

  async #clear(request: EndpointRequest, actor: string | undefined): Promise<Answer> {
    const { reason, dryRun } = readClearing(request);
    if (dryRun) return jsonAnswer(200, { dryRun, ...this.#cache.preview({ patterns: ['*'] }) });
    const removed = await this.#cache.clear();
    this.#record(actor, 'clear', ['*'], reason, removed);
    return outcome(removed);
  }

  #record(
    actor = '',
    action: OperatorChange['action'],
    what: readonly string[],
    reason: string | undefined,
    { acknowledged }: Removed,
  ): void {
    const at = systemClock.wall();
    this.#operators.record({ at, actor, action, what, reason: reason ?? null, acknowledged });
  }

  #failed(error: unknown): Answer {
    try {
      this.#options.onError(error);
    } catch {
      // A listener for failures must not add one.
    }
    return errorAnswer(500, 'TIERCEL_HTTP_INTERNAL', 'The request failed inside the server.');
  }
}

/** 202: this process and the queue know of it; other processes will when Redis is back. */
function outcome(removed: Removed): Answer {
  return jsonAnswer(removed.acknowledged ? 200 : 202, removed);
}

/** @throws Refusal if no cached template can give one of the names: that is nearly always a slip */
function refuseUnreached({ unreached: [first] }: InvalidationPreview): void {
  if (first === undefined) return;
  const { name, nearest } = first;
  throw new Refusal(
    'TIERCEL_HTTP_UNREACHED',
    `No cached template can give '${name}'.${nearest === null ? '' : ` Did you mean '${nearest}'?`} ` +
      'With "force": true it is invalidated all the same.',
  );
}

function namesIn(what: InvalidationRequest['what']): readonly string[] {
  if ('event' in what)
    return [what.event, ...Object.entries(what.data).map(([name, value]) => `${name}=${value}`)];
  const textOf = (name: Name) => (typeof name === 'string' ? name : `${name[0]} ${JSON.stringify(name[1])}`);
  return [...what.patterns.map(textOf), ...(what.tags ?? []).map((tag) => `tag ${textOf(tag)}`)];
}
