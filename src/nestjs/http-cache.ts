/**
 * `HttpCacheInterceptor` and `@HttpCache`: whole responses of GET and HEAD routes, in the same cache as everything else, so
 * that tags invalidate them. It owns what HTTP adds: validators, `Cache-Control`, and what must not be shared.
 */
import { createHash } from 'node:crypto';
import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Ttl } from '../config/options';
import type { TiercelCache } from '../create';
import type { CompiledPolicy } from '../engine/entry/policy';
import { uncacheableKind } from '../engine/entry/uncacheable';
import { hiddenFieldsOf } from './hidden-fields';
import { InjectCache } from './inject-cache';

export interface HttpCacheOptions {
  /** As for `@Cacheable`: a preset, seconds or a duration. Default: that of the cache. */
  readonly ttl?: Ttl | undefined;
  /** Names of request headers that the response depends on: part of the key, and of `Vary`. Default: none. */
  readonly vary?: readonly string[] | undefined;
  /** Tags of the entry: templates over the parameters of the route and the query, such as `'user:<id>'`. Default: none. */
  readonly tags?: readonly string[] | undefined;
  /**
   * True: requests with `Authorization` are cached, each apart: a hash of it is part of the key, and the response says
   * `private`. Default: such requests are not cached.
   */
  readonly private?: boolean | undefined;
}

const OPTIONS = Symbol('tiercel.http-cache');
/** Nest's own: with it, the status of a response cannot be changed here. */
const HTTP_CODE = '__httpCode__';
const KEY = 'http:<method>:<path>:<query?>:<vary?>:<user?>';

/** Caches the responses of a GET route, where `HttpCacheInterceptor` is used. */
export function HttpCache(options: HttpCacheOptions = {}): MethodDecorator {
  return SetMetadata(OPTIONS, options);
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly originalUrl?: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params?: unknown;
  readonly query?: unknown;
}

/** What Express and Fastify have in common. */
interface Response {
  statusCode: number;
  getHeaders(): Readonly<Record<string, unknown>>;
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

interface StoredResponse {
  readonly body: unknown;
  readonly etag: string;
  /** Those that the handler has set. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

@Injectable()
export class HttpCacheInterceptor implements NestInterceptor {
  readonly #cache: TiercelCache;
  readonly #freshMs = new WeakMap<object, number>();

  constructor(@InjectCache() cache: TiercelCache) {
    this.#cache = cache;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handler = context.getHandler();
    const options = Reflect.getMetadata(OPTIONS, handler) as HttpCacheOptions | undefined;
    // Resolvers of GraphQL and handlers of messages have no response.
    if (options === undefined || context.getType<string>() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const forwarded = reasonToForward(request, options);
    if (forwarded !== undefined) {
      response.header('cache-status', `tiercel; fwd=${forwarded}`);
      return next.handle();
    }
    const mayChangeStatus = Reflect.getMetadata(HTTP_CODE, handler) === undefined;
    const label = `${context.getClass().name}.${handler.name}`;
    return from(this.#answer(request, response, next, options, label, handler, mayChangeStatus));
  }

  async #answer(
    request: Request,
    response: Response,
    next: CallHandler,
    options: HttpCacheOptions,
    label: string,
    handler: object,
    mayChangeStatus: boolean,
  ): Promise<unknown> {
    const { ttl, tags = [], vary = [] } = options;
    const freshMs = this.#lifetimeOf(handler, ttl, label);
    const values = { ...(request.query as object), ...(request.params as object) };
    let loaded: unknown;
    const stored = await this.#cache.getOrSet<StoredResponse | (() => unknown)>(
      [KEY, keyValues(request, options)],
      async ({ skip }) => {
        const before = response.getHeaders();
        const body: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
        const fresh = responseOf(body, before, response, options);
        loaded = fresh ?? body;
        if (fresh !== undefined) return fresh;
        skip();
        // A function is shared with nobody: each request that waits calls the handler itself.
        return () => body;
      },
      { ttl, name: label, tags: tags.map((tag) => [tag, values] as const) },
    );
    if (vary.length > 0) response.header('vary', vary.join(', '));
    if (typeof stored === 'function') {
      response.header('cache-status', 'tiercel; fwd=miss');
      return stored();
    }
    const isHit = loaded === undefined;
    const ageMs = isHit ? Math.max(0, Date.now() - stored.at) : 0;
    const leftSeconds = Math.max(0, Math.round((freshMs - ageMs) / 1_000));
    for (const [name, value] of Object.entries(stored.headers)) response.header(name, value);
    response.header('etag', stored.etag);
    if (stored.headers['cache-control'] === undefined) {
      response.header('cache-control', `${options.private ? 'private' : 'public'}, max-age=${leftSeconds}`);
    }
    response.header('cache-status', isHit ? `tiercel; hit; ttl=${leftSeconds}` : 'tiercel; fwd=miss; stored');
    if (!mayChangeStatus || !matches(request.headers['if-none-match'], stored.etag)) return stored.body;
    response.status(304);
    return undefined;
  }

  /** In ms: what `ttl` comes to in this cache. */
  #lifetimeOf(handler: object, ttl: Ttl | undefined, label: string): number {
    let freshMs = this.#freshMs.get(handler);
    if (freshMs === undefined) {
      ({ freshMs } = this.#cache.compile({ ttl }, label) as CompiledPolicy);
      this.#freshMs.set(handler, freshMs);
    }
    return freshMs;
  }
}

/** Why the cache is left out, as RFC 9211 says it; undefined if it is not. */
function reasonToForward({ method, headers }: Request, options: HttpCacheOptions): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return 'method';
  if (headers['authorization'] !== undefined && options.private !== true) return 'bypass';
  return undefined;
}

function keyValues({ method, url, originalUrl = url, headers }: Request, options: HttpCacheOptions) {
  const { pathname, searchParams } = new URL(originalUrl, 'http://localhost');
  searchParams.sort();
  const { vary = [] } = options;
  const authorization = headers['authorization'];
  return {
    method,
    path: pathname,
    query: searchParams.toString() || undefined,
    vary:
      vary.length === 0
        ? undefined
        : digest(JSON.stringify(vary.map((name) => headers[name.toLowerCase()] ?? null))),
    user: authorization === undefined ? undefined : digest(String(authorization)),
  };
}

/** Undefined for a response that must not be stored: another status, a cookie, `no-store`, no data. */
function responseOf(
  body: unknown,
  before: Readonly<Record<string, unknown>>,
  response: Response,
  options: HttpCacheOptions,
): StoredResponse | undefined {
  const after = response.getHeaders();
  const control = String(after['cache-control'] ?? '');
  const isRefused =
    after['set-cookie'] !== undefined ||
    /\bno-store\b/i.test(control) ||
    (options.private !== true && /\bprivate\b/i.test(control)) ||
    after['vary'] === '*';
  if (response.statusCode !== 200 || isRefused || !isData(body)) return undefined;
  const own = Object.entries(after).filter(([name, value]) => value !== before[name]);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    // As it is sent, whoever loads it.
    body: typeof body === 'string' ? body : JSON.parse(text),
    etag: `W/"${digest(text)}"`,
    headers: Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    at: Date.now(),
  };
}

/** No stream, bytes or `StreamableFile`, and nothing that another interceptor has to hide fields of. */
function isData(body: unknown): boolean {
  if (body === undefined || uncacheableKind(body) !== undefined) return false;
  const isFile = ArrayBuffer.isView(body) || typeof Object(body).getStream === 'function';
  return !isFile && hiddenFieldsOf(body) === undefined;
}

/** By weak comparison (RFC 9110). */
function matches(header: string | string[] | undefined, etag: string): boolean {
  const tags = String(header ?? '')
    .split(',')
    .map((tag) => tag.trim());
  return tags.includes('*') || tags.some((tag) => tag.replace(/^W\//, '') === etag.slice('W/'.length));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 27);
}
