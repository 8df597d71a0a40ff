/**
 * One trial: processes read and write while one kind of fault strikes again and again; then everything works and rests,
 * and what each process sees is compared with the database.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { RedisCluster } from '../support/redis-cluster';
import { TcpProxy } from '../support/tcp-proxy';
import type { Arena } from './arena';
import type { Fault, Scene } from './faults';
import type { WriteRecord } from './history';
import { InstanceHandle } from './instances';
import { type Findings, judge } from './oracle';
import type { Survey } from './orders';
import { Random } from './random';
import { SplitProxy } from './split-proxy';
import { Standby } from './standby';
import { type CacheName, KEYS, keyName, type Workload } from './workload';

export interface TrialOptions {
  readonly cache: CacheName;
  readonly seconds: number;
  readonly seed: number;
  /** Overrides of the fault's own workload. */
  readonly workload?: Partial<Workload>;
}

export interface TrialResult {
  readonly findings: Findings;
  readonly loads: number;
  readonly writes: number;
  /** Keys, counted once for each process, whose value is still not the database's after everything has come to rest. */
  readonly stuck: number;
  readonly blows: number;
  /** Milliseconds. */
  readonly slowestRead: number;
  readonly unacknowledged: number;
  readonly failures: readonly string[];
  readonly rejections: readonly string[];
}

const READERS = 8;
/** Of a load at most. */
const LOAD_MS = 20;
const ENTRY_TTL_MS = 60_000;
/** After the last blow, and again after the last write: reconnecting and replaying takes well under a second. */
const REST_MS = 1_000;

export async function runTrial(arena: Arena, fault: Fault, options: TrialOptions): Promise<TrialResult> {
  const { redis, operator, database, databaseServer, instances } = arena;
  const random = new Random(options.seed);
  const namespace = `trial-${process.pid}-${sequence()}`;
  await Promise.all([operator.flushall(), database.flushall()]);
  const start = <P>(kind: Fault['proxy'], proxy: () => Promise<P>): Promise<P[]> =>
    Promise.all(fault.proxy === kind ? instances.map(proxy) : []);
  const proxies = await start('tcp', () => TcpProxy.start(redis.port));
  const splitProxies = await start('split', () => SplitProxy.start(redis.port, fault.replyDelayMs));
  const ports = [...proxies, ...splitProxies].map(({ port }) => port);
  const standby = fault.standby === true ? new Standby(redis, proxies) : undefined;
  const cluster = fault.cluster === true ? await RedisCluster.start({ replicas: true }) : undefined;
  const foreignWrites: WriteRecord[] = [];
  const writers: InstanceHandle[] = [];
  const workloadOf = (index: number): Workload => ({
    ...{ cache: options.cache, namespace, readers: READERS, loadMs: LOAD_MS },
    ...{ l1: true, degraded: true, tagged: false, ttlMs: ENTRY_TTL_MS, writes: ['invalidate'], patterns: [] },
    ...fault.workload,
    ...options.workload,
    redisPort: ports[index] ?? redis.port,
    clusterPorts: cluster?.nodes.map(({ port }) => port) ?? [],
    databasePort: databaseServer.port,
    seed: options.seed * 1_000 + index,
  });
  const scene: Scene = {
    ...{ redis, operator, database, namespace, instances, proxies, splitProxies, random },
    ...{ standby, cluster },
    record: (write) => foreignWrites.push(write),
    newWriter: async () => {
      const writer = new InstanceHandle();
      writers.push(writer);
      await writer.tell({ do: 'open', workload: workloadOf(instances.length + writers.length) });
      return writer;
    },
  };
  try {
    await each((instance, index) => {
      const isIdle = fault.oneWriter === true && index > 0;
      const workload = { ...workloadOf(index), ...(isIdle ? { writes: [], patterns: [] } : {}) };
      return instance.tell({ do: 'open', workload });
    });
    await each((instance) => instance.tell({ do: 'run' }));
    const blows = await strikeFor(options.seconds * 1_000, fault, scene);
    if (blows > 0) await wait(REST_MS);
    await each((instance) => instance.tell({ do: 'stop' }));
    await wait(REST_MS);
    const surveys = await each((instance) => instance.survey());
    await each((instance) => instance.tell({ do: 'close' }));
    const rows = await database.mget(Array.from({ length: KEYS }, (_, key) => keyName(key)));
    return resultOf(surveys, foreignWrites, rows.map(Number), blows);
  } finally {
    for (const writer of writers) writer.end();
    await Promise.all([...proxies, ...splitProxies].map((proxy) => proxy.close()));
    await Promise.all([standby?.close(), cluster?.stop()]);
  }

  function each<T>(what: (instance: (typeof instances)[number], index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(instances.map(what));
  }
}

async function strikeFor(ms: number, { everyMs = ms, blow }: Fault, scene: Scene): Promise<number> {
  const end = performance.now() + ms;
  const restUntilEnd = (longest: number): Promise<void> =>
    wait(Math.max(0, Math.min(longest, end - performance.now())));
  let blows = 0;
  while (performance.now() < end) {
    await restUntilEnd(everyMs * scene.random.between(0.5, 1.5));
    if (blow === undefined || performance.now() >= end) continue;
    await blow(scene);
    blows += 1;
  }
  return blows;
}

function resultOf(
  surveys: readonly Survey[],
  foreignWrites: readonly WriteRecord[],
  rows: readonly number[],
  blows: number,
): TrialResult {
  const sum = (count: (survey: Survey) => number): number =>
    surveys.reduce((total, survey) => total + count(survey), 0);
  const foreigner = { writes: foreignWrites, reads: new Float64Array() };
  return {
    findings: judge([...surveys.map(({ history }) => history), foreigner]),
    loads: sum(({ loads }) => loads),
    writes: foreignWrites.length + sum(({ history }) => history.writes.length),
    stuck: sum(({ versions }) => versions.filter((version, key) => version !== rows[key]).length),
    blows,
    slowestRead: Math.max(...surveys.map(({ slowestRead }) => slowestRead)),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    failures: surveys.flatMap(({ failures }) => failures),
    rejections: surveys.flatMap(({ rejections }) => rejections),
  };
}

let trials = 0;

function sequence(): number {
  trials += 1;
  return trials;
}
