/**
 * `createTestCache`, the entry point of `tiercel/testing`: the real engine over a simulated Redis in memory, with a clock
 * that the test moves and a record of what was asked.
 */
import { AssertionError } from 'node:assert';
import { type Key, keyText } from '../api/key-input';
import type { CacheConfig, L2Config } from '../config/cache-config';
import { createCache, type TiercelCache } from '../create';
import { ManualClock } from './manual-clock';
import { type Recorded, Recorder } from './recorder';
import { SimulatedClient } from './simulated-client';
import { SimulatedRedis } from './simulated-redis';

export interface TestCacheOptions extends Omit<CacheConfig, 'namespace' | 'l2'> {
  /** Default: one of its own for each cache. */
  readonly namespace?: string;
  /** Options of L2, which is in memory; `false`: L1 alone. */
  readonly l2?: false | Omit<L2Config, 'url' | 'host' | 'port' | 'cluster' | 'sentinels' | 'client'>;
  /** True: decorated methods that name no cache use this one, until it is closed. Default: false. */
  readonly default?: boolean;
  /** A cache whose L2 this one shares, as another process does. Its clock is shared, too. Default: an L2 of its own. */
  readonly beside?: TestCache;
}

export interface TestClock {
  /** Milliseconds since the cache was made. */
  now(): number;
  /**
   * Moves time forward at once, in both tiers, and runs the timers that are due. When the promise resolves, L1 may be
   * relied on again: a jump is a pause of the process to it.
   */
  advance(ms: number): Promise<void>;
}

export interface TestCache extends TiercelCache {
  readonly clock: TestClock;
  /** All that was asked of the cache since it was made, in order. */
  recorded(): Recorded;
  /**
   * Runs `fn`, and requires that all of these keys were invalidated or replaced meanwhile: by key, pattern or tag.
   * @returns what `fn` returns
   * @throws AssertionError of `node:assert`, which each test runner shows
   */
  expectInvalidated<T>(fn: () => T | PromiseLike<T>, ...keys: Key[]): Promise<T>;
}

/** Turns of the event loop that it may take until the channel is trusted again. */
const MOST_TURNS = 100;
const HISTORY = 100_000;

interface Shared {
  readonly redis: SimulatedRedis;
  readonly clock: ManualClock;
  readonly namespace: string;
}

const shared = new WeakMap<TestCache, Shared>();
let count = 0;

// A test's fake timers must not stop it.
const { setImmediate } = globalThis;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A cache for tests, separate from all others. It needs no Redis and no waiting: the first call waits until it is ready.
 * @throws as `createCache`
 */
export function createTestCache(options: TestCacheOptions = {}): TestCache {
  const { default: isDefault = false, beside, l2 = {}, ...config } = options;
  const { redis, clock, namespace } = (beside && shared.get(beside)) ?? newShared(config.namespace);
  const client = new SimulatedClient({ redis, clock, step: async () => {} }, namespace) as unknown;
  const cache = createCache(
    {
      warnRoundTrip: false,
      ...config,
      namespace,
      l1: config.l1 === false ? false : { jitter: 0, ...config.l1 },
      monitoring: { history: HISTORY, ...config.monitoring },
      ...(l2 === false
        ? {}
        : {
            l2: { ...l2, client: client as NonNullable<L2Config['client']> },
            coherence: { ...config.coherence, transport: 'tracking' },
          }),
    },
    { default: isDefault, clock },
  );
  const recorder = new Recorder(cache);
  const test: TestCache = Object.assign(cache, {
    clock: { now: () => clock.now(), advance: (ms: number) => advance(clock, cache, ms) },
    recorded: () => recorder.recorded(),
    expectInvalidated: <T>(fn: () => T | PromiseLike<T>, ...keys: Key[]) =>
      expectInvalidated(cache, recorder, fn, keys),
  });
  shared.set(test, { redis, clock, namespace });
  return test;
}

function newShared(namespace = `test-${++count}`): Shared {
  const clock = new ManualClock();
  return { redis: new SimulatedRedis(clock), clock, namespace };
}

async function advance(clock: ManualClock, cache: TiercelCache, ms: number): Promise<void> {
  clock.jump(ms);
  for (let turns = 0; turns < MOST_TURNS; turns += 1) {
    await turn();
    if ((await cache.ready()).coherence !== 'suspect') return;
  }
}

async function expectInvalidated<T>(
  cache: TiercelCache,
  recorder: Recorder,
  fn: () => T | PromiseLike<T>,
  keys: readonly Key[],
): Promise<T> {
  // What is stored names its tags; of an entry that is not there nobody knows any.
  const explained = await Promise.all(
    keys.map((key) => cache.explain(keyText(key, undefined, cache.engine))),
  );
  const from = recorder.recorded().invalidations.length;
  const result = await fn();
  const during = recorder.recorded().invalidations.slice(from);
  const missing = explained.filter(
    ({ key, l2 }) => !during.some((invalidation) => invalidation.reaches(key, l2.tags)),
  );
  if (missing.length > 0) {
    throw new AssertionError({
      message:
        `expected ${missing.map(({ key }) => `'${key}'`).join(', ')} to be invalidated; invalidated were ` +
        (during
          .map(({ keys, tags }) => [...keys, ...tags.map((tag) => `tag ${tag}`)].join(', '))
          .join('; ') || 'no keys'),
      actual: during.flatMap(({ keys }) => keys),
      expected: explained.map(({ key }) => key),
      operator: 'expectInvalidated',
      stackStartFn: expectInvalidated,
    });
  }
  return result;
}
