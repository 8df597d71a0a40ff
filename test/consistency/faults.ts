/**
 * The faults, one trial each: what the service looks like, what is done to it, and which promise holds meanwhile.
 * A blow ends what it began; when it has, everything works again. If Redis is away for one process and not yet, or no
 * longer, for another, L1 bridges the gap with what may be stale (`degradedTtl`); the `-strict` twins turn that off.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { RedisCluster } from '../support/redis-cluster';
import type { RedisServer } from '../support/redis-server';
import type { TcpProxy } from '../support/tcp-proxy';
import { sharedNow, type WriteRecord } from './history';
import type { InstanceHandle } from './instances';
import { AWAKE, CUT_OFF, DEGRADED, EXACT, type Limits, NORMAL } from './limits';
import type { HalfDone } from './orders';
import type { Random } from './random';
import type { SplitProxy } from './split-proxy';
import type { Standby } from './standby';
import { KEYS, keyName, SHELF_PATTERN, type Workload } from './workload';

/** What a blow can reach. */
export interface Scene {
  readonly redis: RedisServer;
  /** A client of somebody else, straight to the Redis of the cache. */
  readonly operator: Redis;
  readonly database: Redis;
  /** Where this trial's entries are. */
  readonly namespace: string;
  readonly instances: readonly InstanceHandle[];
  /** In front of each process; empty unless the fault asks for them. */
  readonly proxies: readonly TcpProxy[];
  readonly splitProxies: readonly SplitProxy[];
  /** Defined where the fault asks for them. */
  readonly standby: Standby | undefined;
  readonly cluster: RedisCluster | undefined;
  readonly random: Random;
  /** One more process, which has opened its cache and waits for orders. It ends with the trial at the latest. */
  newWriter(): Promise<InstanceHandle>;
  /** A change that somebody outside the service has made and announced. */
  record(write: WriteRecord): void;
}

export interface Fault {
  readonly name: string;
  readonly limits: Limits;
  readonly workload?: Partial<Workload>;
  /** Only the first process writes, and only it knows the patterns. */
  readonly oneWriter?: boolean;
  readonly proxy?: 'tcp' | 'split';
  /** A replica that can take over, behind the `tcp` proxies. */
  readonly standby?: boolean;
  /** The caches use a cluster of three masters and three replicas. */
  readonly cluster?: boolean;
  /** With a `split` proxy: how long replies, but not messages, are held back. */
  readonly replyDelayMs?: number;
  /** Milliseconds between two blows, on average. */
  readonly everyMs?: number;
  readonly blow?: (scene: Scene) => Promise<unknown>;
}

export const FAULTS: readonly Fault[] = [
  { name: 'none', limits: NORMAL },
  { name: 'l1-off', limits: EXACT, workload: { l1: false } },
  { name: 'short-ttl', limits: NORMAL, workload: { ttlMs: 150 } },
  { name: 'slow-loads', limits: NORMAL, workload: { loadMs: 2_500, readers: 100 } },
  { name: 'bulk', limits: NORMAL, workload: { writes: ['bulk', 'invalidate'] } },
  { name: 'puts', limits: NORMAL, workload: { writes: ['put', 'invalidate'] } },
  {
    name: 'foreign-pattern',
    limits: NORMAL,
    oneWriter: true,
    workload: { writes: ['group'], patterns: [SHELF_PATTERN] },
  },
  {
    name: 'kill-pubsub',
    limits: NORMAL,
    everyMs: 300,
    blow: ({ operator }) => operator.client('KILL', 'TYPE', 'PUBSUB'),
  },
  { name: 'kill-all', limits: DEGRADED, everyMs: 400, blow: killAll },
  { name: 'kill-all-strict', limits: NORMAL, workload: { degraded: false }, everyMs: 400, blow: killAll },
  {
    name: 'kill-all-mixed',
    limits: NORMAL,
    workload: {
      writes: ['put', 'invalidate', 'group'],
      patterns: [SHELF_PATTERN],
      ttlMs: 1_000,
      degraded: false,
    },
    everyMs: 400,
    blow: killAll,
  },
  { name: 'flush', limits: NORMAL, everyMs: 400, blow: ({ operator }) => operator.flushall() },
  {
    name: 'patterns-lost',
    limits: NORMAL,
    oneWriter: true,
    workload: { writes: ['invalidate', 'group'], patterns: [SHELF_PATTERN] },
    everyMs: 300,
    blow: ({ operator, namespace }) => operator.del(`${namespace}:<patterns`),
  },
  { name: 'writes-refused', limits: NORMAL, everyMs: 700, blow: refuseWrites },
  { name: 'no-replicas', limits: NORMAL, everyMs: 700, blow: wantReplicas },
  { name: 'demotion', limits: NORMAL, workload: { degraded: false }, everyMs: 1_200, blow: demote },
  { name: 'acl-changes', limits: NORMAL, everyMs: 1_500, blow: forbidTracking },
  { name: 'output-buffer', limits: NORMAL, everyMs: 400, blow: overflowChannels },
  { name: 'pause-redis', limits: NORMAL, everyMs: 1_000, blow: pauseRedis },
  { name: 'kill-redis', limits: DEGRADED, everyMs: 1_500, blow: killRedis },
  {
    name: 'kill-redis-strict',
    limits: NORMAL,
    workload: { degraded: false },
    everyMs: 1_500,
    blow: killRedis,
  },
  {
    name: 'old-snapshot',
    limits: NORMAL,
    workload: { degraded: false, writes: ['invalidate', 'group'], patterns: [SHELF_PATTERN] },
    everyMs: 1_500,
    blow: restartFromSnapshot,
  },
  {
    name: 'failover',
    limits: NORMAL,
    proxy: 'tcp',
    standby: true,
    workload: { degraded: false, writes: ['invalidate', 'group'], patterns: [SHELF_PATTERN] },
    everyMs: 1_500,
    blow: ({ standby, random }) => standby!.takeOver(() => wait(random.between(100, 400))),
  },
  {
    name: 'cluster',
    limits: NORMAL,
    cluster: true,
    workload: { writes: ['put', 'invalidate', 'group'], patterns: [SHELF_PATTERN] },
  },
  {
    name: 'cluster-failover',
    limits: NORMAL,
    cluster: true,
    workload: { degraded: false, writes: ['invalidate', 'group'], patterns: [SHELF_PATTERN] },
    everyMs: 1_500,
    blow: ({ cluster, random }) =>
      cluster!.replaceMaster(random.below(3), () => wait(random.between(100, 400))),
  },
  {
    name: 'black-hole',
    limits: DEGRADED,
    proxy: 'tcp',
    everyMs: 1_500,
    blow: async ({ proxies }) => {
      for (const proxy of proxies) proxy.blackhole();
      await wait(700);
      for (const proxy of proxies) proxy.restore();
    },
  },
  { name: 'cut-off', limits: DEGRADED, proxy: 'tcp', everyMs: 1_000, blow: cutOffOne },
  {
    name: 'cut-off-strict',
    limits: CUT_OFF,
    proxy: 'tcp',
    workload: { degraded: false },
    everyMs: 1_000,
    blow: cutOffOne,
  },
  {
    name: 'delay',
    limits: CUT_OFF,
    proxy: 'tcp',
    everyMs: 800,
    blow: async ({ proxies, random }) => {
      const late = random.of(proxies);
      late.delay(random.between(5, 200));
      await wait(random.between(200, 600));
      late.restore();
    },
  },
  {
    name: 'half-open',
    limits: CUT_OFF,
    proxy: 'split',
    everyMs: 1_000,
    blow: async ({ splitProxies, random }) => {
      const proxy = random.of(splitProxies);
      proxy.deafen();
      await wait(random.between(500, 1_500));
      proxy.restore();
    },
  },
  { name: 'late-replies', limits: NORMAL, proxy: 'split', replyDelayMs: 10 },
  {
    name: 'pause-process',
    limits: AWAKE,
    everyMs: 700,
    blow: async ({ instances, random }) => {
      const instance = random.of(instances);
      instance.pause();
      await wait(300);
      instance.resume();
    },
  },
  { name: 'foreign-client', limits: NORMAL, everyMs: 10, blow: changeFromOutside },
  {
    name: 'tags',
    limits: NORMAL,
    oneWriter: true,
    workload: { writes: ['tag'], tagged: true },
  },
  { name: 'around', limits: NORMAL, workload: { writes: ['around', 'defer', 'put', 'invalidate'] } },
  killedWriters('around-key', 'around-group'),
];

/** Writers that die between their change and its invalidation; nobody else writes. */
export function killedWriters(...ways: readonly HalfDone[]): Fault {
  return {
    name: 'killed-writers',
    limits: NORMAL,
    workload: { writes: [], patterns: [SHELF_PATTERN] },
    everyMs: 200,
    blow: async ({ newWriter, random, record }) => {
      const [writer, key] = [await newWriter(), random.below(KEYS)];
      const { version, changedAt } = await writer.hang(key, random.of(ways));
      writer.end();
      record({ key, version, doneAt: changedAt, acknowledged: true });
    },
  };
}

async function killAll({ operator }: Scene): Promise<void> {
  await operator.client('KILL', 'TYPE', 'PUBSUB');
  await operator.client('KILL', 'TYPE', 'NORMAL');
}

async function pauseRedis({ redis }: Scene): Promise<void> {
  await redis.pause();
  await wait(700);
  redis.resume();
}

/** Comes back empty. */
async function killRedis({ redis, random }: Scene): Promise<void> {
  await redis.kill();
  await wait(random.between(50, 500));
  await redis.restart();
}

/** Comes back with what it had some hundred milliseconds before, as if nothing had been invalidated since. */
async function restartFromSnapshot({ redis, operator, random }: Scene): Promise<void> {
  const [, folder] = (await operator.config('GET', 'dir')) as [string, string];
  await operator.save();
  await wait(random.between(100, 400));
  await redis.kill();
  await redis.restart();
  await rm(join(folder, 'dump.rdb'));
}

async function cutOffOne({ proxies, random }: Scene): Promise<void> {
  const proxy = random.of(proxies);
  proxy.blackhole();
  await wait(random.between(300, 1_500));
  proxy.restore();
}

/** Somebody changes a row, and then removes the entry from Redis, or replaces it by another value. */
async function changeFromOutside({ operator, database, namespace, random, record }: Scene): Promise<void> {
  const key = random.below(KEYS);
  const version = await database.incr(keyName(key));
  const name = `${namespace}:${keyName(key)}`;
  const what = random.of(['delete', 'delete', 'overwrite', 'other-type'] as const);
  if (what === 'delete') await operator.del(name);
  if (what === 'overwrite') await operator.set(name, 'something of ours');
  if (what === 'other-type') await operator.multi().del(name).rpush(name, 'something', 'of ours').exec();
  record({ key, version, doneAt: sharedNow(), acknowledged: true });
}

/** Redis answers reads and refuses writes: it has no memory left. */
async function refuseWrites({ operator, random }: Scene): Promise<void> {
  await operator.config('SET', 'maxmemory', '1');
  await wait(random.between(50, 400));
  await operator.config('SET', 'maxmemory', '0');
}

/** The same while too few replicas hear it. */
async function wantReplicas({ operator, random }: Scene): Promise<void> {
  await operator.config('SET', 'min-replicas-to-write', '1');
  await wait(random.between(50, 400));
  await operator.config('SET', 'min-replicas-to-write', '0');
}

/** The master is a replica of nobody for a while, and is promoted again. No connection ends. */
async function demote({ operator, random }: Scene): Promise<void> {
  await operator.replicaof('127.0.0.1', 1);
  await wait(random.between(20, 400));
  await operator.call('REPLICAOF', 'NO', 'ONE');
}

/** Nobody may track for a while, so that all hear by pub/sub. */
async function forbidTracking({ operator, random }: Scene): Promise<void> {
  await operator.call('ACL', 'SETUSER', 'default', '-client|tracking');
  await operator.client('KILL', 'TYPE', 'PUBSUB');
  await wait(random.between(200, 2_000));
  await operator.call('ACL', 'SETUSER', 'default', '+client|tracking');
}

/** What the server has for a channel is more than it keeps: it ends the connection. */
async function overflowChannels({ operator, random }: Scene): Promise<void> {
  await operator.config('SET', 'client-output-buffer-limit', 'pubsub 1 1 0');
  await wait(random.between(20, 100));
  await operator.config('SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60');
}
