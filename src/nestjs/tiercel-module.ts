/**
 * `TiercelModule`, the entry point of `tiercel/nestjs`: a cache for a Nest application, from its start to its end. Decorated
 * methods find it as the default cache; the container injects it.
 */
import {
  type CanActivate,
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
  type OnModuleInit,
  type Provider,
  type Type,
} from '@nestjs/common';
import type { CacheConfig } from '../config/cache-config';
import { createCache, type TiercelCache } from '../create';
import { Endpoints } from '../ops/http/endpoints';
import {
  type CacheHandlerOptions,
  type ResolvedHandlerOptions,
  resolveHandlerOptions,
} from '../ops/http/options';
import { endpointsController } from './endpoints-controller';
import { hiddenFieldsOf } from './hidden-fields';
import { cacheToken } from './inject-cache';

export { HttpCache, HttpCacheInterceptor, type HttpCacheOptions } from './http-cache';
export { cacheToken, InjectCache, TIERCEL_CACHE } from './inject-cache';

/** The options of `createCacheHandler` without the path, which Nest decides. */
export type EndpointOptions = Omit<CacheHandlerOptions, 'basePath'>;

export interface EndpointPlace {
  /** Of the controller, below the application's global prefix. Default: `'cache'`, for a named cache `'cache/<name>'`. */
  readonly path?: string | undefined;
  /**
   * Guards of all endpoints, the page included. They only restrict: a request that they let through still needs the token
   * or `authorize`, which may be `() => true`, to change something. Default: none.
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[] | undefined;
}

interface Placement {
  /** Modules that export what the guards, or the factories, inject. Default: none. */
  readonly imports?: ModuleMetadata['imports'];
  /** Whether modules that do not import this one can inject the cache. Default: `true`. */
  readonly global?: boolean;
  /**
   * The name of a further cache, for `@InjectCache(name)`. Decorated methods use it only if they name it. Default: none; it
   * is then the default cache of decorated methods.
   */
  readonly name?: string;
}

export interface TiercelModuleOptions extends Placement {
  /** The HTTP endpoints, as a controller of the application. Default: none. */
  readonly http?: EndpointPlace & EndpointOptions;
}

export interface TiercelModuleAsyncOptions extends Placement {
  /** What the factories are called with. Default: nothing. */
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...injected: any[]) => CacheConfig | Promise<CacheConfig>;
  /** The HTTP endpoints. Options that a factory returns replace those given here. Default: none. */
  readonly http?: EndpointPlace &
    EndpointOptions & {
      readonly useFactory?: (...injected: any[]) => EndpointOptions | Promise<EndpointOptions>;
    };
}

const defaultPath = (name: string | undefined): string => (name === undefined ? 'cache' : `cache/${name}`);
const SETTINGS = Symbol('tiercel.settings');
/** The cache of one module, whatever its name. */
const OWN_CACHE = Symbol('tiercel.own-cache');

interface Settings {
  readonly config: CacheConfig;
  readonly endpoints: ResolvedHandlerOptions;
}

@Module({})
export class TiercelModule implements OnModuleInit, OnApplicationShutdown {
  readonly #cache: TiercelCache;

  constructor(@Inject(OWN_CACHE) cache: TiercelCache) {
    this.#cache = cache;
  }

  /**
   * A cache, and its endpoints if `http` is given. The application starts when the cache has connected to Redis, or has
   * found within a second that it cannot.
   *
   * @throws ConfigError (`TIERCEL_CONFIG`), when the application starts
   */
  static forRoot(config: CacheConfig, options: TiercelModuleOptions = {}): DynamicModule {
    return TiercelModule.forRootAsync({ ...options, useFactory: () => config });
  }

  /** As `forRoot`, with a configuration that is made of what is injected. */
  static forRootAsync(options: TiercelModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory, http, global = true, name } = options;
    const { path, guards = [], useFactory: newEndpointOptions, ...endpointOptions } = http ?? {};
    const token = cacheToken(name);
    // Checked in one piece: if it is refused, no cache is left that nobody would close.
    const settings: Provider = {
      provide: SETTINGS,
      inject,
      useFactory: async (...injected: unknown[]): Promise<Settings> => ({
        config: await useFactory(...injected),
        endpoints: resolveHandlerOptions({
          ...endpointOptions,
          ...(await newEndpointOptions?.(...injected)),
        }),
      }),
    };
    const cache: Provider = {
      provide: token,
      inject: [SETTINGS],
      useFactory: ({ config }: Settings) =>
        createCache(config, {
          default: name === undefined,
          lazyConnect: true,
          hidesFields: hiddenFieldsOf,
        }),
    };
    const endpoints: Provider = {
      provide: Endpoints,
      inject: [token, SETTINGS],
      useFactory: (served: TiercelCache, resolved: Settings) => new Endpoints(served, resolved.endpoints),
    };
    return {
      module: TiercelModule,
      global,
      imports,
      providers: [
        settings,
        cache,
        { provide: OWN_CACHE, useExisting: token },
        ...(http === undefined ? [] : [endpoints]),
      ],
      controllers: http === undefined ? [] : [endpointsController(path ?? defaultPath(name), guards)],
      exports: [token],
    };
  }

  /** Connects: an application that was not built, because another provider failed, leaves no connection behind. */
  async onModuleInit(): Promise<void> {
    await this.#cache.ready();
  }

  /** Not earlier: until the server has closed, requests still invalidate, and their invalidations must be delivered. */
  onApplicationShutdown(): Promise<void> {
    return this.#cache.close();
  }
}
