/**
 * The world of the model: three processes with the real cache over one simulated Redis, and a database of versions.
 * Whatever leaves a process or comes to it waits for its turn, which the scheduler of fast-check gives; time is moved
 * when nothing else can go on. The last process bypasses L1. The first one does not declare the pattern that the others
 * invalidate, so it stores under it only what the pattern set of Redis says.
 */
import type { Scheduler } from 'fast-check';
import type { GetOrSetOptions } from '../../src/api/call-options';
import { createCache, type TiercelCache } from '../../src/create';
import { CachePut } from '../../src/decorators/cache-put';
import { type Network, SimulatedClient } from '../../src/testing/simulated-client';
import { type Sabotage, SimulatedRedis } from '../../src/testing/simulated-redis';
import { ManualClock } from '../support/manual-clock';
import { type Beginning, judge, type Write } from './judge';
import { KEYS, type Lanes, NODES, type Operation, type WriteKind } from './operations';

const PATTERN = 'l1:1:*';
const TAG = 'rows';
/** The node that does not declare the pattern. */
const UNAWARE = 0;
/** Small enough that a step is no stall of the event loop. */
const STEP_MS = 10;
const MOST_STEPS = 5_000;
const MOST_MS_TO_RECOVER = 10_000;

// Captured at load, like the timers of the code under test.
const { setImmediate } = globalThis;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class ChangeFailed extends Error {}

interface Process {
  readonly cache: TiercelCache;
  readonly client: SimulatedClient;
  readonly exactReads: boolean;
  /** Times that the cache has said it could not reach everybody. */
  unacknowledged: number;
}

export interface Tally {
  readonly l1: number;
  readonly l2: number;
  readonly loaded: number;
  readonly coalesced: number;
  readonly waited: number;
  /** Reads that got an older value before the news had reached their process. */
  readonly overtaking: number;
  readonly unacknowledged: number;
}

export class World implements Network {
  readonly clock = new ManualClock();
  readonly redis: SimulatedRedis;
  /** What is wrong, in words. */
  readonly reproaches: string[] = [];
  readonly #processes: Process[];
  readonly #rows = new Map<string, number>(KEYS.map((key) => [key, 0]));
  readonly #writes: Write[] = [];
  /** Loads under way: a node and a key. */
  readonly #loading = new Set<string>();
  #scheduler: Scheduler | undefined;
  #isFrozen = false;
  #overtaking = 0;

  constructor(sabotage: Sabotage = {}) {
    this.redis = new SimulatedRedis(this.clock, sabotage);
    this.#processes = Array.from({ length: NODES }, (_, index) => this.#newProcess(index));
  }

  /** Runs the lanes in the scheduler's order, lets everything come to rest, and looks at what each process sees. */
  async run(lanes: Lanes, scheduler: Scheduler): Promise<void> {
    await this.#rest();
    this.#scheduler = scheduler;
    let running = lanes.length;
    for (const lane of lanes) {
      void this.#follow(lane).finally(() => {
        running -= 1;
      });
    }
    for (let steps = 0; running > 0; steps += 1) {
      if (steps > MOST_STEPS) throw new Error(`not at an end after ${MOST_STEPS} steps`);
      if (!this.#isFrozen) {
        if (scheduler.count() > 0) await scheduler.waitNext(1);
        else this.clock.advance(STEP_MS);
      }
      await turn();
    }
    this.redis.refusesWrites = false;
    for (const { connection } of this.#clients) connection?.release();
    while (scheduler.count() > 0) await scheduler.waitNext(1);
    this.#scheduler = undefined;
    await this.#rest();
    await this.#elapsing(this.#survey());
  }

  async close(): Promise<void> {
    await this.#elapsing(Promise.all(this.#processes.map(({ cache }) => cache.close())));
  }

  /** What has happened, so that a test can see that something has. */
  get tally(): Tally {
    const calls = this.#processes.map(({ cache }) => cache.stats().calls);
    const sum = (name: 'l1' | 'l2' | 'loaded' | 'coalesced' | 'waited'): number =>
      calls.reduce((total, one) => total + one[name], 0);
    return {
      ...{ l1: sum('l1'), l2: sum('l2'), loaded: sum('loaded') },
      ...{ coalesced: sum('coalesced'), waited: sum('waited') },
      overtaking: this.#overtaking,
      unacknowledged: this.#writes.filter(({ acknowledged }) => !acknowledged).length,
    };
  }

  async step(what: string): Promise<void> {
    await this.#scheduler?.schedule(Promise.resolve(), what);
  }

  get #clients(): readonly SimulatedClient[] {
    return this.#processes.flatMap(({ client }) => client.duplicates);
  }

  #newProcess(index: number): Process {
    const client = new SimulatedClient(this, `node ${index}`);
    const cache = createCache(
      {
        namespace: 'model',
        // Small: an LRU reserves its space at once.
        l1: { maxSize: 16 },
        warnRoundTrip: false,
        l2: { client },
        patterns: index === UNAWARE ? [] : ['l1:<l1>:*'],
        coherence: { transport: 'tracking', degradedTtl: 0 },
      },
      { default: false, clock: this.clock },
    );
    const process = { cache, client, exactReads: index === NODES - 1, unacknowledged: 0 };
    cache.on('unacknowledged', () => {
      process.unacknowledged += 1;
    });
    return process;
  }

  async #follow(lane: readonly Operation[]): Promise<void> {
    for (const operation of lane) {
      await this.step(JSON.stringify(operation));
      try {
        await this.#perform(operation);
      } catch (error) {
        this.reproaches.push(`${JSON.stringify(operation)} rejected: ${(error as Error).stack}`);
      }
    }
  }

  async #perform(operation: Operation): Promise<void> {
    switch (operation.do) {
      case 'read':
        return this.#read(operation.node, KEYS[operation.key]!);
      case 'write':
        return this.#write(operation);
      case 'cut':
        for (const client of this.#ends(operation)) client.connection?.cut(operation.losesReplies);
        return;
      case 'hold':
        for (const client of this.#ends(operation)) client.connection?.hold();
        return;
      case 'release':
        for (const client of this.#ends(operation)) client.connection?.release();
        return;
      case 'restart':
        this.redis.restart(operation.losing);
        for (const { connection } of this.#clients) connection?.cut(true);
        return;
      case 'flush':
        this.redis.flush();
        return;
      case 'lose patterns':
        this.redis.remove('model:<patterns');
        return;
      case 'refuse':
        this.redis.refusesWrites = operation.writes;
        return;
      case 'evict': {
        const names = this.redis.names();
        if (names.length > 0) this.redis.remove(names[operation.which % names.length]!);
        return;
      }
      case 'pass':
        return this.#pass(operation.ms, operation.frozen);
    }
  }

  async #read(node: number, key: string): Promise<void> {
    const process = this.#processes[node]!;
    const beginning: Beginning = {
      ...{ node, key, startedAt: this.clock.now(), writes: [...this.#writes] },
      heardUpTo: heardUpTo(process),
      exactReads: process.exactReads,
    };
    const version = await this.#look(process, key);
    const verdict = judge(beginning, version);
    if (verdict.kind === 'wrong') this.reproaches.push(verdict.why);
    if (verdict.kind === 'overtaking') this.#overtaking += 1;
  }

  #look({ cache, exactReads }: Process, key: string): Promise<number> {
    return cache.getOrSet(
      key,
      () => this.#load(key, cache),
      exactReads ? { ...STORED, tiers: 'l2' } : STORED,
    );
  }

  /** The row is read at one moment, and known to the reader at a later one. No process loads a key twice at once (P16). */
  async #load(key: string, cache: TiercelCache): Promise<number> {
    const node = this.#processes.findIndex((process) => process.cache === cache);
    const load = `${node} ${key}`;
    if (this.#loading.has(load)) this.reproaches.push(`node ${node} loads ${key} while it loads it already`);
    this.#loading.add(load);
    await this.step(`${key} is read`);
    const version = this.#rows.get(key)!;
    await this.step(`version ${version} of ${key} arrives`);
    this.#loading.delete(load);
    return version;
  }

  async #write({ node: writer, key: index, how, fails }: Extract<Operation, { do: 'write' }>): Promise<void> {
    // What nobody declared would be a sweep, or refused.
    const node = how.endsWith('pattern') && writer === UNAWARE ? UNAWARE + 1 : writer;
    const process = this.#processes[node]!;
    const key = KEYS[index]!;
    const before = process.unacknowledged;
    let version: number | undefined;
    const change = async (): Promise<number> => {
      await this.step(`${key} is changed`);
      if (fails) throw new ChangeFailed();
      version = this.#rows.get(key)! + 1;
      this.#rows.set(key, version);
      await this.step(`change to version ${version} of ${key} is answered`);
      return version;
    };
    let acknowledged = false;
    try {
      acknowledged = await writeThrough(process.cache, how, key, change);
    } catch (error) {
      if (!(error instanceof ChangeFailed)) throw error;
    }
    if (version === undefined) return;
    this.#writes.push({
      ...{ node, key, version, how, endedAt: this.clock.now(), change: this.redis.changes },
      acknowledged: acknowledged && process.unacknowledged === before,
    });
  }

  #ends({ node, which }: { node: number; which: 'data' | 'channel' | 'both' }): readonly SimulatedClient[] {
    return this.#processes[node]!.client.duplicates.filter(
      ({ connection }) => which === 'both' || connection?.tracks === (which === 'channel'),
    );
  }

  async #pass(ms: number, frozen: boolean): Promise<void> {
    this.#isFrozen = frozen;
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      this.clock.advance(STEP_MS);
      await turn();
    }
    this.#isFrozen = false;
  }

  /** Everything is delivered at once, until nothing is under way and every process trusts what it hears. */
  async #rest(): Promise<void> {
    const isAtRest = ({ cache, client }: Process): boolean => {
      const { flights, fences, outbox } = cache.state;
      return flights + fences + outbox === 0 && client.duplicates.every(({ status }) => status === 'ready');
    };
    for (let ms = 0; ms < MOST_MS_TO_RECOVER; ms += STEP_MS) {
      this.clock.advance(STEP_MS);
      await turn();
      if (this.#processes.every(isAtRest)) return;
    }
    throw new Error(`not at rest after ${MOST_MS_TO_RECOVER} ms: ${this.redis.names()}`);
  }

  /** Lets time pass until it is done. */
  async #elapsing(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    while (!isDone) {
      this.clock.advance(STEP_MS);
      await turn();
    }
    await done;
  }

  async #survey(): Promise<void> {
    for (const [node, process] of this.#processes.entries()) {
      for (const key of KEYS) {
        const [first, second] = [await this.#look(process, key), await this.#look(process, key)];
        const row = this.#rows.get(key);
        if (first !== row || second !== row) {
          this.reproaches.push(
            `at rest node ${node} reads ${first}, then ${second} of ${key}, which is ${row}`,
          );
        }
      }
    }
  }
}

const STORED: GetOrSetOptions<number> & { readonly tags: () => readonly string[] } = {
  ttl: 60,
  // Told by the result, so that only the loaded value says whom the tag concerns.
  tags: () => [TAG],
};

/** A put of a key that its result names: it stores only if nothing is there. */
class Creator {
  constructor(readonly cache: TiercelCache) {}

  @CachePut('l1:1:item:<result.item>', {
    created: true,
    cache: (self: Creator) => self.cache,
    ttl: 60,
    tags: () => [TAG],
    value: (_args, { version }) => version,
  })
  async create(key: string, change: () => Promise<number>): Promise<{ item: string; version: number }> {
    return { item: key.slice(key.lastIndexOf(':') + 1), version: await change() };
  }
}

async function writeThrough(
  cache: TiercelCache,
  how: WriteKind,
  key: string,
  change: () => Promise<number>,
): Promise<boolean> {
  const [kind, of = kind] = how.split('-');
  const what = of === 'tag' ? { tags: [TAG] } : { patterns: [of === 'pattern' ? PATTERN : key] };
  switch (kind) {
    case 'put':
      await cache.put(key, change, STORED);
      return true;
    case 'create':
      await new Creator(cache).create(key, change);
      return true;
    case 'around':
      await cache.around(what, change);
      return true;
    case 'defer':
      await cache.defer(async () => {
        await cache.invalidate(what);
        await change();
      });
      return true;
    case 'clear':
      await change();
      return (await cache.clear()).acknowledged;
    case 'delete':
      await change();
      return (await cache.delete(key)).acknowledged;
    default:
      await change();
      return (await cache.invalidate(what)).acknowledged;
  }
}

/** A process whose channel is not connected, or not listening, knows that it hears nothing. */
function heardUpTo({ client }: Process): number {
  const channel = client.duplicates.find(({ connection }) => connection?.tracks);
  return channel?.connection?.heardUpTo ?? Number.POSITIVE_INFINITY;
}
