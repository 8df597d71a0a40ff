/**
 * `createCache`: the one place that joins the rooms. It decides which parts a configuration needs, and connects them.
 */

import { Cache } from './api/cache';
import { readiness } from './api/readiness';
import { Warming } from './api/warming';
import { ClusterChannel } from './coherence/cluster-channel';
import { LocalChannel } from './coherence/local';
import { newChannel } from './coherence/transports';
import type { CacheConfig } from './config/cache-config';
import { resolveConfig } from './config/define';
import type { ResolvedConfig } from './config/resolved';
import { type Clock, systemClock } from './contract/clock';
import type { Channel, ChannelListener } from './contract/coherence';
import type { MemoryTier } from './contract/l2';
import { Order } from './contract/order';
import { Engine } from './engine/engine';
import { Codec, type HidesFields } from './engine/entry/codec';
import { CounterBook } from './engine/entry/counters';
import { compilePolicy } from './engine/entry/policy';
import { RecentKeys } from './engine/entry/recent-keys';
import { serializerNamed } from './engine/entry/serializers';
import { L1Cache, type L1Entry } from './engine/l1/l1-cache';
import { LruTier, NoMemory } from './engine/l1/memory-store';
import { ReadBack } from './engine/read/read-back';
import { Background } from './engine/runtime/background';
import { Events } from './engine/runtime/configured-events';
import type { EngineContext, EngineTimes } from './engine/runtime/context';
import { Emitter } from './engine/runtime/emitter';
import { ChangeCount } from './engine/validity/change-count';
import { Fences } from './engine/validity/fences';
import { NAMESPACE_GROUP } from './engine/validity/generation-keys';
import { Groups } from './engine/validity/groups';
import { createdShapeOf, shapeOf } from './engine/validity/pattern-shapes';
import { type OwnPatterns, Patterns } from './engine/validity/patterns';
import { Snapshots } from './engine/validity/snapshots';
import { Trust } from './engine/validity/trust';
import { Invalidations } from './engine/write/invalidation';
import { Outbox } from './guards/outbox';
import { parsePattern } from './keys/pattern';
import { declaredProgram } from './ops/catalog/declared-program';
import { cachedTemplates, programOf } from './ops/catalog/program';
import { Strategies } from './ops/catalog/strategies';
import { explanationOf } from './ops/observe/explanation';
import { FaultLog } from './ops/observe/fault-log';
import { InvalidationLog } from './ops/observe/invalidation-log';
import { heapUse } from './ops/observe/memory';
import { Monitor } from './ops/observe/monitor';
import { addMetrics, type Registry, removeMetrics } from './ops/observe/prometheus';
import { AbsentL2 } from './redis/absent';
import { newL2, type RedisParts, type Server } from './redis/new-l2';
import { redisMemory } from './redis/redis-memory';
import { declarations } from './registry/declarations';
import { decoratedTemplates, templateOf } from './registry/declared-templates';
import { clearDefaultCache, setDefaultCache } from './registry/default-cache';
import { noteCache } from './registry/inspection';
import { takeNamespace } from './registry/namespaces';

export interface CreateOptions {
  /** False: decorated methods do not use this cache unless they name it. Default: true. */
  readonly default?: boolean;
  /** True: it connects to Redis when `ready()` is called, and until then keeps no process alive. Default: false. */
  readonly lazyConnect?: boolean;
  /** @internal What of a value would be served though the application hides it. */
  readonly hidesFields?: HidesFields;
  /** The source of time; for tests. Default: the system's monotonic clock and timers. */
  readonly clock?: Clock;
}

export type TiercelCache = Cache<Registry>;

/** Invalidations kept for an L2 that does not answer; beyond that the whole namespace is invalidated once. */
const MAX_UNDELIVERED = 10_000;

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
  const counters = new CounterBook(resolved.statistics);
  const gate = options.lazyConnect === true ? new ConnectGate() : undefined;
  const fences = new Fences();
  const recentKeys = new RecentKeys(rememberedKeys(resolved));
  const { l2, servers, connections } = stores(resolved, order, clock, emitter, gate?.opened);
  const trust = new Trust();
  const changes = new ChangeCount();
  const channel = channelOf(resolved, servers, clock, emitter, {
    changed: (name) => invalidation.heard(name),
    flushed: () => invalidation.heardAll(),
    lost: () => fences.dirtyAll(),
    established: () => invalidation.heardAll(),
    trustedUntil: (time) => {
      trust.until = time;
    },
    usedAt: () => trust.usedAt,
  });
  const { monitoring, statistics, coherence, l1 } = resolved;
  const groups = new Groups(clock, trust, l2, fences, changes, l1 === false ? 0 : l1.maxSize);
  const patterns = new Patterns(clock, trust, l2, fences, changes, ownPatterns(resolved));
  const snapshots = new Snapshots(patterns, groups, changes, l2);

  const strategies = new Strategies();
  const program = () => programOf(resolved, declarations(), cache, strategies.keepers);
  const invalidations = new InvalidationLog(clock, resolved.monitoring.history, {
    templateOf: (text) =>
      templateOf(text, [...strategies.templates, ...decoratedTemplates(), ...configuredPatterns(resolved)]),
    cached: () => cachedTemplates(program()),
    storing: () => new Set(program().keepers.map(({ label }) => label)),
  });

  const context: EngineContext = {
    namespace: resolved.namespace,
    clock,
    order,
    l2,
    channel,
    groups,
    patterns,
    snapshots,
    fences,
    ownCopies: new ReadBack(() => context),
    recentKeys,
    l1: new L1Cache(
      memoryTier(resolved, clock, recentKeys),
      clock,
      channel,
      trust,
      snapshots,
      recentKeys,
      emitter.emit,
      {
        protect: resolved.protect,
        jitter: resolved.l1 === false ? 0 : resolved.l1.jitter,
      },
    ),
    codec: new Codec(
      serializerNamed(resolved.serializer),
      emitter.emit,
      resolved.warnRoundTrip,
      options.hidesFields,
    ),
    outbox: new Outbox(clock, {
      send: (names) => invalidation.send(names),
      nodeOf: (name) => l2.homeOf(name),
      limit: MAX_UNDELIVERED,
      instead: NAMESPACE_GROUP,
    }),
    background: new Background(emitter.emit),
    emit: emitter.emit,
    record: invalidations.record,
    ambient: resolved,
    strict: resolved.l2 !== false && resolved.l2.strict,
    times: timesOf(resolved),
  };
  const invalidation: Invalidations = new Invalidations(context);
  const engine = new Engine(context, counters, invalidation, new Events(resolved.events));

  l2.status.onReturn(() => {
    // It may be another run of the server, or another server: what was known of generation keys is read again (P40).
    groups.forgetAll();
    patterns.forget();
    // Until it is delivered, L2 may hold what this process has invalidated (P38).
    return context.outbox.size === 0 ? undefined : context.outbox.replay();
  });
  l2.status.onState((state) => {
    monitor.l2Changed();
    if (state.kind === 'ready') emitter.emit('l2', { state: 'ready' });
    else if (state.kind === 'down') emitter.emit('l2', { state: 'down', reason: state.reason });
  });

  const faults = new FaultLog(clock);
  emitter.on('error', faults.record);
  const monitor = new Monitor(
    {
      namespace: resolved.namespace,
      counters,
      l1: () => engine.l1,
      outbox: () => context.outbox.size,
      breaker: () => l2.status.breakers,
      l2: () => l2.status.state,
      coherence: () => ({ trusted: clock.now() < trust.until, ageMs: channel.age(clock.now()) }),
    },
    {
      heap: heapUse,
      keys: () => context.l1.keys(),
      faults: () => faults.recent,
      isCollected: () => emitter.listens('collected'),
      redisMemory: connections && (() => redisMemory(connections())),
    },
    invalidations,
    clock,
    emitter.emit,
    {
      ...monitoring,
      statistics,
      stalenessBoundMs: coherence.stalenessBoundMs,
      degradedTtlMs: coherence.degradedTtlMs,
      l1Limits: l1 === false ? { maxSize: 0, maxBytes: undefined } : l1,
    },
  );
  const cache: TiercelCache = new Cache<Registry>(resolved.namespace, {
    engine,
    compile: (storing, label) => compilePolicy(storing, resolved, label, counters.of(label)),
    on: (name, listener) => emitter.on(name, listener),
    readiness: (withinMs) => {
      gate?.open();
      return readiness(l2, channel, trust, clock, withinMs);
    },
    observer: monitor,
    warming: new Warming(clock, emitter.emit),
    declare: strategies.declare,
    declared: declaredProgram(resolved, declarations, () => cache, strategies),
    explain: (key) => explanationOf({ context, config: resolved, program, invalidations, engine }, key),
    addMetrics: (registry) => addMetrics(monitor, registry),
    release: () => {
      gate?.close();
      monitor.close();
      removeMetrics(monitor);
      clearDefaultCache(cache);
      releaseNamespace();
    },
  });
  if (options.default !== false) setDefaultCache(cache);
  noteCache(cache);
  return cache;
}

/** Holds back the connections of a cache until it is opened; once closed it stays shut. */
class ConnectGate {
  readonly opened: Promise<void>;
  #open: (() => void) | undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open?.();
  }

  close(): void {
    this.#open = undefined;
  }
}

function stores(
  { l2, load, namespace, coherence }: ResolvedConfig,
  order: Order,
  clock: Clock,
  { emit }: Emitter,
  opened: Promise<void> | undefined,
): Pick<RedisParts, 'l2'> & Partial<RedisParts> {
  if (l2 !== false) {
    return newL2(order, clock, {
      ...l2,
      leaseMs: load.leaseMs,
      namespace,
      proofMs: coherence.heartbeatMs,
      onBreaker: (breaker) => emit('breaker', breaker),
      opened,
      onUnusable: (error) => emit('error', { operation: 'l2', error }),
    });
  }
  return { l2: new AbsentL2(order, clock) };
}

function channelOf(
  { coherence }: ResolvedConfig,
  servers: RedisParts['servers'] | undefined,
  clock: Clock,
  { emit }: Emitter,
  listener: ChannelListener,
): Channel {
  if (servers === undefined) return new LocalChannel(listener);
  const report = (error: unknown): void => emit('error', { operation: 'coherence', error });
  const options = { ...coherence, onRefused: report, onStrangeMessage: report };
  const channelTo = (server: Server, hears: ChannelListener) => newChannel(server, hears, clock, options);
  if (servers.kind === 'one') return channelTo(servers.server, listener);
  const { masters } = servers;
  const channel = new ClusterChannel(listener, clock, coherence.stalenessBoundMs);
  masters.onChange(() =>
    channel.follow(
      masters.all.map((master) => ({ ...master, newChannel: (hears) => channelTo(master, hears) })),
    ),
  );
  return channel;
}

/** Without an L2 nothing is ever unacknowledged, and no outage can be bridged. */
function timesOf({ load, l2, coherence }: ResolvedConfig): EngineTimes {
  return {
    leaseMs: load.leaseMs,
    loadWaitMs: load.waitMs,
    maxLoadMs: load.maxMs,
    invalidationBudgetMs: l2 === false ? 0 : l2.invalidationBudgetMs,
    degradedTtlMs: l2 === false ? 0 : coherence.degradedTtlMs,
    patternCheckMs: coherence.stalenessBoundMs,
  };
}

/** The patterns of the configuration and of all decorators: those of a class defined later are added then. */
function ownPatterns(config: ResolvedConfig): OwnPatterns {
  const configured = configuredPatterns(config);
  return {
    get count() {
      return declarations().length;
    },
    shapes: () => {
      const decorated = declarations();
      const templates = decorated.flatMap((one) => (one.kind === 'invalidate' ? one.templates : []));
      const patterns = [...configured, ...templates].map(parsePattern).filter(({ exact }) => !exact);
      const created = decorated.flatMap((one) => (one.kind === 'put' && one.created ? one.templates : []));
      return [...patterns.map(shapeOf), ...created.map(parsePattern).map(createdShapeOf)];
    },
  };
}

function configuredPatterns({ patterns, events }: ResolvedConfig): readonly string[] {
  return [...patterns, ...[...events.values()].flat()];
}

function memoryTier({ l1 }: ResolvedConfig, clock: Clock, recentKeys: RecentKeys): MemoryTier<L1Entry> {
  if (l1 === false) return new NoMemory();
  return new LruTier(clock, { ...l1, onEvict: (key) => recentKeys.evicted(key) });
}

/** Twice what L1 can hold, as a power of two: at most half a megabyte. */
function rememberedKeys({ l1, statistics }: ResolvedConfig): number {
  if (!statistics) return 0;
  const keys = l1 === false ? 10_000 : l1.maxSize;
  return 2 ** Math.min(16, Math.ceil(Math.log2(2 * keys)));
}
