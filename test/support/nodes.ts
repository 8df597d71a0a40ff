/**
 * Caches for tests. Two caches on one namespace are two nodes: they share nothing but Redis, as two processes do.
 * After each test every node is closed, and must have been quiet: no flight, fence or outbox invalidation left.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { CacheConfig } from '../../src/config/cache-config';
import { type CreateOptions, createCache, type TiercelCache } from '../../src/create';
import type { ManualClock } from './manual-clock';
import { until } from './pace';
import { RedisServer } from './redis-server';

/** On a busy machine a Redis that is well may answer late; a test of deadlines sets its own. */
const PATIENT = { deadline: '400ms', socketTimeout: '2s' };

let shared: Promise<RedisServer> | undefined;

/** One server for all tests that do it no harm; each uses a namespace of its own. It ends with the process. */
export function sharedRedis(): Promise<RedisServer> {
  shared ??= RedisServer.start();
  return shared;
}

/** Nodes that end after each test of the suite, or with `useNodes(after)` after the last. */
export function useNodes(end: Mocha.HookFunction = afterEach): Nodes {
  const nodes = new Nodes();
  end(() => nodes.close());
  return nodes;
}

/** Defines tests twice: with Redis, and without an L2. `where` belongs in their titles. */
export function onBothTiers(
  define: (on: {
    readonly where: string;
    readonly hasL2: boolean;
    readonly redis: () => Promise<RedisServer | undefined>;
  }) => void,
): void {
  define({ where: 'with Redis', hasL2: true, redis: sharedRedis });
  define({ where: 'without an L2', hasL2: false, redis: async () => undefined });
}

export class Nodes {
  #namespace = newNamespace();
  readonly #caches: TiercelCache[] = [];
  readonly #clients: Redis[] = [];

  get namespace(): string {
    return this.#namespace;
  }

  /** A cache over this Redis that is connected, or has stopped waiting if it cannot be. */
  async node(
    server: { readonly port: number } | undefined,
    config: Omit<CacheConfig, 'l2'> & { readonly l2?: object } = {},
    options: CreateOptions = {},
  ): Promise<TiercelCache> {
    const cache = this.unready(server, config, options);
    await cache.ready();
    return cache;
  }

  /** As `node`, while it still connects. */
  unready(
    server: { readonly port: number } | undefined,
    config: Omit<CacheConfig, 'l2'> & { readonly l2?: object } = {},
    options: CreateOptions = {},
  ): TiercelCache {
    const l2 =
      server === undefined ? {} : { l2: { host: '127.0.0.1', port: server.port, ...PATIENT, ...config.l2 } };
    const cache = createCache(
      { namespace: this.namespace, warnRoundTrip: false, ...config, ...l2 } as CacheConfig,
      { default: false, ...options },
    );
    this.#caches.push(cache);
    return cache;
  }

  /** A cache over a cluster, connected to all masters and trusting what it hears. */
  async clusterNode(
    cluster: { readonly nodes: readonly { readonly host: string; readonly port: number }[] },
    config: Omit<CacheConfig, 'l2'> & { readonly l2?: object } = {},
  ): Promise<TiercelCache> {
    const l2 = { cluster: cluster.nodes, ...PATIENT, ...config.l2 };
    const cache = createCache(
      { namespace: this.namespace, warnRoundTrip: false, ...config, l2 } as CacheConfig,
      { default: false },
    );
    this.#caches.push(cache);
    await until(async () => (await cache.ready()).coherence === 'trusted');
    return cache;
  }

  /** A bare client, for what an operator or another program does. */
  client(server: { readonly port: number }): Redis {
    const client = new Redis(server.port, '127.0.0.1', { keyPrefix: `${this.namespace}:` });
    this.#clients.push(client);
    return client;
  }

  /** Closes every node. Those that are made later share another namespace. */
  async close(): Promise<void> {
    this.#namespace = newNamespace();
    const left = this.#caches.map(({ state: { flights, fences } }) => ({ flights, fences }));
    await Promise.all(this.#caches.splice(0).map((cache) => cache.close()));
    for (const client of this.#clients.splice(0)) client.disconnect();
    for (const state of left) expect(state, 'left under way').to.deep.equal({ flights: 0, fences: 0 });
  }
}

function newNamespace(): string {
  return `t${randomBytes(6).toString('hex')}`;
}

/** A load that the test opens and ends: `started` resolves when it runs, `end(value)` lets it return. */
export class Gate<V> {
  calls = 0;
  readonly started: Promise<void>;
  #start: () => void = () => {};
  #end: (value: V) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #ended: Promise<V>;

  constructor() {
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.#ended.catch(() => undefined);
  }

  readonly load = (): Promise<V> => {
    this.calls += 1;
    this.#start();
    return this.#ended;
  };

  end(value: V): void {
    this.#end(value);
  }

  fail(error: unknown): void {
    this.#fail(error);
  }
}

/**
 * Resolves when everything that was written until now has been heard of, by all nodes of the same Redis; a node hears of
 * its own writes, too (P29). Redis sends these messages no later than the reply to a command that it reads afterwards,
 * and within one turn of the event loop both have been read.
 */
export async function heard(cache: TiercelCache): Promise<void> {
  await cache.get('nothing:here');
  await new Promise((resolve) => setImmediate(resolve));
}

/** Reads the key until L1 has a copy that stays: the message of a node's own write drops what was there before. */
export async function inL1(cache: TiercelCache, key: string, read: () => Promise<unknown>): Promise<void> {
  await until(async () => {
    await read();
    await heard(cache);
    return cache.peek(key) !== undefined;
  });
}

/** Longest step that the watch over the event loop does not take for a stall. */
const STEP_MS = 10;

/**
 * Lets time pass without a doubt about the channel: what L1 does not serve afterwards has ended, and is not just
 * bypassed. A jump of the clock would be a stall, with heartbeats that nobody has answered yet.
 */
export async function elapse(clock: ManualClock, ms: number, cache: TiercelCache): Promise<void> {
  const end = clock.now() + ms;
  while (clock.now() < end) {
    clock.advance(Math.min(STEP_MS, end - clock.now()));
    await new Promise((resolve) => setImmediate(resolve));
    await until(async () => (await cache.ready()).coherence !== 'suspect');
  }
}
