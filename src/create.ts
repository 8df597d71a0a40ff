/**
 * `createCache`: the one place that joins the rooms. It decides which parts a configuration needs, connects them, and
 * guards what a process has only once: the namespaces in use and the default cache of the decorators.
 */
import type { CacheConfig } from './config/cache-config';
import { resolveConfig } from './config/define';
import type { ResolvedConfig } from './config/resolved';
import { type Clock, systemClock } from './contract/clock';
import { NamespaceTakenError } from './contract/errors';
import { Order } from './contract/order';
import type { MemoryTier, RemoteTier } from './contract/stores';
import { Background } from './engine/background';
import { Cache, type Readiness } from './engine/cache';
import { Codec } from './engine/codec';
import type { EngineContext, EngineTimes } from './engine/context';
import { CounterBook } from './engine/counters';
import { Emitter } from './engine/emitter';
import { Engine } from './engine/engine';
import { Fences } from './engine/fences';
import { Invalidation } from './engine/invalidation';
import { compilePolicy } from './engine/policy';
import { Shelf, type ShelfEntry } from './engine/shelf';
import { Undelivered } from './guards/undelivered';
import type { ObservedCache } from './observe/observed-cache';
import { addMetrics, type Registry, removeMetrics } from './observe/prometheus';
import { type Statistics, statistics } from './observe/statistics';
import { clearDefaultCache, setDefaultCache } from './registry/default-cache';
import { AbsentTier } from './tiers/absent';
import { newClient } from './tiers/connection';
import { LruTier, NoMemory } from './tiers/memory';
import { RedisTier } from './tiers/redis';
import { serializerNamed } from './tiers/serializers';

export interface CreateOptions {
  /** False: decorated methods do not use this cache unless they name it. Default: true. */
  readonly default?: boolean;
  /** Where time comes from; for tests. Default: the system's monotonic clock and timers. */
  readonly clock?: Clock;
}

export type TiercelCache = Cache<Statistics, Registry>;

/** Leases and waits of a cache without L2: only this process takes part. */
const LOCAL_TIMES: EngineTimes = {
  leaseMs: 3_000,
  lockWaitMs: 3_000,
  nestedLockWaitMs: 1_000,
  maxLoadMs: 30_000,
  invalidationBudgetMs: 1_000,
};

/** Namespaces in use in this process, with the settings that they are used with. */
const namespaces = new Map<string, { readonly settings: string; caches: number }>();

/**
 * Makes a cache, which connects in the background: it serves at once, from its loaders until Redis answers.
 * Unless told otherwise it becomes the cache that decorated methods use.
 *
 * Its connection to Redis keeps the process alive, as that of any client does, until `close()`; a cache without Redis
 * never does.
 *
 * @throws ConfigError (`TIERCEL_CONFIG`) that lists every problem of the configuration;
 * NamespaceTakenError (`TIERCEL_NAMESPACE_TAKEN`) if this process uses the namespace with other settings
 */
export function createCache(config: CacheConfig, options: CreateOptions = {}): TiercelCache {
  const resolved = resolveConfig(config);
  const releaseNamespace = takeNamespace(resolved);
  const clock = options.clock ?? systemClock;
  const order = new Order();
  const emitter = new Emitter();
  const counters = new CounterBook();
  const remote = remoteTier(resolved, order, clock);

  const context: EngineContext = {
    clock,
    order,
    remote,
    shelf: new Shelf(memoryTier(resolved, clock), clock, emitter.emit, {
      protect: resolved.protect,
      jitter: resolved.l1 === false ? 0 : resolved.l1.jitter,
    }),
    fences: new Fences(),
    codec: new Codec(serializerNamed(resolved.serializer), emitter.emit, resolved.warnRoundTrip),
    undelivered: new Undelivered(clock, (name) => invalidation.send(name)),
    background: new Background(emitter.emit),
    emit: emitter.emit,
    times: resolved.l2 === false ? LOCAL_TIMES : resolved.l2,
  };
  const invalidation: Invalidation = new Invalidation(context);
  const engine = new Engine(context, counters, invalidation);

  remote.onState((state) => {
    if (state.kind === 'ready') {
      // First of all: until it is delivered, L2 may hold what this process has invalidated (P38).
      context.background.run('replay invalidations', context.undelivered.replay());
      emitter.emit('l2', { state: 'ready' });
    } else if (state.kind === 'down') {
      emitter.emit('l2', { state: 'down', reason: state.reason });
    }
  });

  const observed: ObservedCache = {
    namespace: resolved.namespace,
    counters,
    l1: () => engine.l1,
    undelivered: () => context.undelivered.size,
  };
  const cache: TiercelCache = new Cache<Statistics, Registry>(resolved.namespace, {
    engine,
    compile: (storing, label) => compilePolicy(storing, resolved, counters.of(label)),
    on: (name, listener) => emitter.on(name, listener),
    readiness: (withinMs) => readiness(remote, withinMs),
    statistics: () => statistics(observed),
    addMetrics: (registry) => addMetrics(observed, registry),
    release: () => {
      removeMetrics(observed);
      clearDefaultCache(cache);
      releaseNamespace();
    },
  });
  if (options.default !== false) setDefaultCache(cache);
  return cache;
}

function remoteTier({ l2, namespace }: ResolvedConfig, order: Order, clock: Clock): RemoteTier {
  if (l2 === false) return new AbsentTier(order, clock);
  return new RedisTier(newClient(l2.connection, l2), order, clock, {
    namespace,
    deadlineMs: l2.deadlineMs,
    leaseMs: l2.leaseMs,
  });
}

function memoryTier({ l1 }: ResolvedConfig, clock: Clock): MemoryTier<ShelfEntry> {
  return l1 === false ? new NoMemory() : new LruTier(clock, l1);
}

async function readiness(remote: RemoteTier, withinMs: number): Promise<Readiness> {
  await remote.settled(withinMs);
  const { kind } = remote.state;
  return { l2: kind === 'none' || kind === 'ready' ? kind : 'down' };
}

/** Returns the function that gives the namespace back. */
function takeNamespace(config: ResolvedConfig): () => void {
  const { namespace } = config;
  const settings = settingsText(config);
  const taken = namespaces.get(namespace);
  if (taken !== undefined && taken.settings !== settings) {
    throw new NamespaceTakenError({
      subject: namespace,
      expected: 'one set of settings for a namespace within a process',
      got: 'a second cache with different ones',
      remedy: 'Close the first cache, share it, or give the second a namespace of its own.',
    });
  }
  const use = taken ?? { settings, caches: 0 };
  namespaces.set(namespace, use);
  use.caches += 1;
  return () => {
    use.caches -= 1;
    if (use.caches === 0) namespaces.delete(namespace);
  };
}

/**
 * Everything that decides what entries look like and how long they live. Where Redis is does not belong to it: one
 * namespace on two servers is two caches that never meet.
 */
function settingsText(config: ResolvedConfig): string {
  return JSON.stringify(config, (key, value: unknown) => {
    if (value instanceof Map) return [...value];
    if (key === 'connection') return undefined;
    if (key === 'serializer' && typeof value === 'object' && value !== null)
      return (value as { tag: string }).tag;
    return value;
  });
}
