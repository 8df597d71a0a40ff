/**
 * `CacheConfig`: what a user writes, every option with its unit and default. Types only; `define.ts` checks and resolves it.
 * `undefined` is accepted wherever an option may be left out, so that `process.env.X` can be written as it is.
 * It must not mention preset or event names: they are read from a configuration, so its type would be circular.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Serializer } from '../contract/serializer';
import type { DurationText, Seconds } from './durations';

/** A time to live for both tiers, or one for each; see `Ttl` for how a single time is shared out. */
export type PresetTtl =
  | Seconds
  | DurationText
  | {
      readonly l1?: Seconds | DurationText | undefined;
      readonly l2?: Seconds | DurationText | undefined;
    };

export interface L1Config {
  /** Entries; the least recently used one makes room. 1 to 10,000,000, as their index is reserved at once. Default 10,000. */
  readonly maxSize?: number | undefined;
  /** A further limit in bytes, estimated. Default: none. */
  readonly maxBytes?: number | undefined;
  /** Seconds or a duration: L1's time to live, and its cap on a single `ttl`. Default 60. `0`: nothing by default. */
  readonly defaultTTL?: Seconds | DurationText | undefined;
  /** How often expired entries that nobody asks for are removed. Default `'30s'`. */
  readonly sweep?: DurationText | undefined;
  /** The fraction, 0 to 1, by which a time to live is shortened at random, so that entries stored together do not expire together. Default 0.1. */
  readonly jitter?: number | undefined;
}

/** An ioredis `Redis` or `Cluster`, of any copy of that package. Clients of other packages lack some of this. */
export interface IoredisClient {
  readonly options: object;
  duplicate(...args: never[]): unknown;
  defineCommand(name: string, definition: { lua: string }): unknown;
}

export interface NodeAddressConfig {
  readonly host: string;
  /** 1 to 65535, as a number or a string. Default 6379; of a sentinel 26379. */
  readonly port?: number | string | undefined;
}

/**
 * Redis. At most one of `url`, `host`, `cluster`, `sentinels` and `client` locates it. Without any of them there is
 * no L2, whatever else is set. In connection options an empty string counts as left out.
 */
export interface L2Config {
  /** `redis://` or `rediss://`, with user, password and database if needed. */
  readonly url?: string | undefined;
  /** A name or address, without scheme and port. */
  readonly host?: string | undefined;
  /** With `host`: 1 to 65535, as a number or a string. Default 6379. */
  readonly port?: number | string | undefined;
  /** Some nodes of a Redis Cluster; the others are discovered. */
  readonly cluster?: readonly NodeAddressConfig[] | undefined;
  readonly sentinels?: readonly NodeAddressConfig[] | undefined;
  /** With `sentinels`: the name of the master that they watch. */
  readonly name?: string | undefined;
  /** With `sentinels`: for the sentinels themselves. */
  readonly sentinelUsername?: string | undefined;
  readonly sentinelPassword?: string | undefined;
  /** An ioredis `Redis` or `Cluster`. The cache duplicates it, and never sends a command on it. */
  readonly client?: IoredisClient | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** The database's number; not in a cluster. Default 0. */
  readonly db?: number | string | undefined;
  /** `true`, or the options of `tls.connect`. Default: none, or as the URL's scheme says. */
  readonly tls?: boolean | ConnectionOptions | undefined;

  /** Seconds or a duration. Default 300. `0`: nothing is stored unless a `ttl` is given. */
  readonly defaultTTL?: Seconds | DurationText | undefined;
  /** How long a command may take before the cache goes on without it. Below `coherence.stalenessBound`. Default `'50ms'`. */
  readonly deadline?: DurationText | undefined;
  /** After this long without an answer the connection is given up. Above `deadline`. Default `'500ms'`. */
  readonly socketTimeout?: DurationText | undefined;
  /** How long an invalidating call waits for Redis' acknowledgement. At least `coherence.stalenessBound`. Default `'1s'`. */
  readonly invalidationBudget?: DurationText | undefined;
  /** Compresses large values, off the event loop. Default: none is. */
  readonly compress?: CompressConfig | undefined;
  /** `invalidate`, `emit`, `delete`, `clear` and `around` reject if Redis does not acknowledge in time. Default false. */
  readonly strict?: boolean | undefined;
}

export type CompressionCodec = 'gzip' | 'brotli' | 'zstd';

export interface CompressConfig {
  /** Smaller values stay as they are: bytes, or a number with its unit. Default `'1kb'`. */
  readonly above?: number | SizeText | undefined;
  /** Default `'gzip'`. `'zstd'` needs Node 22.15 or later. */
  readonly codec?: CompressionCodec | undefined;
}

/** A number and its unit, without a space between them: `'1kb'` is 1,024 bytes. */
export type SizeText = `${number}${'b' | 'kb' | 'mb'}`;

/** Bounds of loading, and of waiting for a load. They hold with and without Redis. */
export interface LoadConfig {
  /**
   * How long a loading or writing process that has died keeps the others waiting. A live process renews its leases.
   * More than three times `l2.deadline` + 100 ms, or an ordinary pause of the event loop would lose it. Default `'3s'`.
   */
  readonly lease?: DurationText | undefined;
  /**
   * How long a call from inside a load waits for another load, since the two may wait for each other. All other calls
   * wait as long as the load of their key runs. At most `max`. Default `'1s'`.
   */
  readonly wait?: DurationText | undefined;
  /** A load that takes longer is no longer shared, and its result is not stored. Default `'30s'`. */
  readonly max?: DurationText | undefined;
}

export interface CoherenceConfig {
  /** How processes hear of each other's changes. Use `'pubsub'` if a proxy refuses `CLIENT TRACKING`. Default `'auto'`. */
  readonly transport?: 'auto' | 'tracking' | 'pubsub' | undefined;
  /** How often the channel proves that it is alive. Default `'100ms'`. */
  readonly heartbeat?: DurationText | undefined;
  /** L1 is not trusted if the last proof is older than this. At least three heartbeats. Default `'500ms'`. */
  readonly stalenessBound?: DurationText | undefined;
  /** How long L1 may answer while Redis does not, counted from the last proof. `0`: not at all. Default `'5s'`. */
  readonly degradedTtl?: DurationText | 0 | undefined;
}

export interface MonitoringConfig {
  /** Percent, 0 to 100: if fewer calls are served without a load of their own, an alert is raised. Default 80. */
  readonly hitRateThreshold?: number | undefined;
  /** `false`: a low hit rate is shown, and raises no alert. Default true. */
  readonly alertOnLowHitRate?: boolean | undefined;
  /** A method whose calls take longer on average, loads included, raises an alert. Default `'2s'`. */
  readonly responseTimeThreshold?: DurationText | undefined;
  /** Percent of L1's `maxBytes`, of V8's heap limit and of Redis' `maxmemory`; more raises an alert. Default 80. */
  readonly memoryThreshold?: number | undefined;
  /** Keys and patterns invalidated per minute, by this process; more raises an alert. Default 1,000. */
  readonly invalidationRateThreshold?: number | undefined;
  /** With fewer calls in the window, neither hit rate nor response time is judged. Default 100. */
  readonly minCalls?: number | undefined;
  /** How far alerts look back. At least `evaluateEvery`. Default `'1m'`. */
  readonly alertWindow?: DurationText | undefined;
  /** How often alerts are evaluated, and counters remembered for windows of time. At least `'1s'`. Default `'10s'`. */
  readonly evaluateEvery?: DurationText | undefined;
  /** How often Redis' memory is read and the event `collected` is emitted. At least `'1s'`. Default `'60s'`. */
  readonly collectEvery?: DurationText | undefined;
  /** Records that `invalidations.history()` keeps. `0`: none. Default 1,000. */
  readonly history?: number | undefined;
}

export interface CacheConfig {
  /** The first part of every Redis key; letters, digits, `_`, `.` and `-`. Caches of one namespace share entries. Default `'tiercel'`. */
  readonly namespace?: string | undefined;
  /** Memory. `false` turns it off. */
  readonly l1?: false | L1Config | undefined;
  /** Redis. `false`, or nothing that says where it is: none. */
  readonly l2?: false | L2Config | undefined;
  /** Named times to live. A name must not read as a duration. */
  readonly ttl?: { readonly [preset: string]: PresetTtl } | undefined;
  /** What an event invalidates: patterns by event name, at least one each. */
  readonly events?: { readonly [event: string]: readonly string[] } | undefined;
  /** Patterns to be invalidated in constant time, beyond those of events and decorators. */
  readonly patterns?: readonly string[] | undefined;
  readonly load?: LoadConfig | undefined;
  readonly coherence?: CoherenceConfig | undefined;
  readonly monitoring?: MonitoringConfig | undefined;
  /** `'structured'` (V8's) also keeps Date, Map, Set and bigint. Default `'json'`. */
  readonly serializer?: 'json' | 'structured' | Serializer | undefined;
  /**
   * How the value in L1 is protected from changes by callers: frozen deeply, copied for each caller, or not at all.
   * Default `'freeze'`; if NODE_ENV is `production`, `'none'`.
   */
  readonly protect?: 'freeze' | 'clone' | 'none' | undefined;
  /** Warn once if a value comes back from the serializer changed. Default true, unless NODE_ENV is `production`. */
  readonly warnRoundTrip?: boolean | undefined;
  /** Count hits, misses and times. Default true. */
  readonly statistics?: boolean | undefined;
  /**
   * What `<ctx.tenant>` in templates, patterns, tags and events is taken from, asked at each use: usually
   * `() => store.getStore()` of an AsyncLocalStorage. Default: none; such a template then rejects.
   */
  readonly context?: (() => object | undefined) | undefined;
  /**
   * Properties of the context that each cached template must contain, or its decorator says `shared: true`. Otherwise its
   * calls reject with `TIERCEL_CONTEXT_REQUIRED`. Needs `context`. Default: none.
   */
  readonly requireContext?: readonly string[] | undefined;
}
