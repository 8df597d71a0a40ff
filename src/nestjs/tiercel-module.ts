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
import { TIERCEL_CACHE } from './inject-cache';

export { InjectCache, TIERCEL_CACHE } from './inject-cache';

/** The options of `createCacheHandler` without the path, which Nest decides. */
export type EndpointOptions = Omit<CacheHandlerOptions, 'basePath'>;

export interface EndpointPlace {
  /** Of the controller, below the application's global prefix. Default: `'cache'`. */
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
}

export interface TiercelModuleOptions extends Placement {
  /** The HTTP endpoints, as a controller of the application. Default: none. */
  readonly http?: EndpointPlace & EndpointOptions;
}

export interface TiercelModuleAsyncOptions extends Placement {
  /** What the factories are called with. Default: nothing. */
  readonly inject?: FactoryProvider['inject'];
  readonly useFactory: (...injected: any[]) => CacheConfig | Promise<CacheConfig>;
  /** The HTTP endpoints; their options may come from a factory, too. Default: none. */
  readonly http?: EndpointPlace & {
    readonly useFactory?: (...injected: any[]) => EndpointOptions | Promise<EndpointOptions>;
  };
}

const DEFAULT_PATH = 'cache';
const SETTINGS = Symbol('tiercel.settings');

interface Settings {
  readonly config: CacheConfig;
  readonly endpoints: ResolvedHandlerOptions;
}

@Module({})
export class TiercelModule implements OnApplicationShutdown {
  readonly #cache: TiercelCache;

  constructor(@Inject(TIERCEL_CACHE) cache: TiercelCache) {
    this.#cache = cache;
  }

  /**
   * A cache, and its endpoints if `http` is given. The application starts when the cache has connected to Redis, or has
   * found within a second that it cannot.
   *
   * @throws ConfigError (`TIERCEL_CONFIG`), when the application starts
   */
  static forRoot(config: CacheConfig, { http, ...placement }: TiercelModuleOptions = {}): DynamicModule {
    const useFactory = () => config;
    if (http === undefined) return TiercelModule.forRootAsync({ ...placement, useFactory });
    const { path, guards, ...options } = http;
    const place = { path, guards, useFactory: () => options };
    return TiercelModule.forRootAsync({ ...placement, useFactory, http: place });
  }

  /** As `forRoot`, with a configuration that is made of what is injected. */
  static forRootAsync(options: TiercelModuleAsyncOptions): DynamicModule {
    const { imports = [], inject = [], useFactory, http, global = true } = options;
    // Everything is checked in one piece: where it is refused, no cache is left connected that nobody would close.
    const settings: Provider = {
      provide: SETTINGS,
      inject,
      useFactory: async (...injected: unknown[]): Promise<Settings> => ({
        config: await useFactory(...injected),
        endpoints: resolveHandlerOptions((await http?.useFactory?.(...injected)) ?? {}),
      }),
    };
    const cache: Provider = {
      provide: TIERCEL_CACHE,
      inject: [SETTINGS],
      useFactory: async ({ config }: Settings) => {
        const made = createCache(config);
        await made.ready();
        return made;
      },
    };
    const endpoints: Provider = {
      provide: Endpoints,
      inject: [TIERCEL_CACHE, SETTINGS],
      useFactory: (served: TiercelCache, resolved: Settings) => new Endpoints(served, resolved.endpoints),
    };
    return {
      module: TiercelModule,
      global,
      imports,
      providers: [settings, cache, ...(http === undefined ? [] : [endpoints])],
      controllers:
        http === undefined ? [] : [endpointsController(http.path ?? DEFAULT_PATH, http.guards ?? [])],
      exports: [TIERCEL_CACHE],
    };
  }

  /** Not earlier: until the server has closed, requests still invalidate, and their invalidations must be delivered. */
  onApplicationShutdown(): Promise<void> {
    return this.#cache.close();
  }
}
