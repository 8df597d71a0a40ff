/**
 * One process of the imagined service: readers and a writer over the database and the cache under test. It does what it
 * is told by the checker and writes down what it saw; it judges nothing.
 */
import { extname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { CacheAdapter, OpenCache } from './cache-adapter';
import { ReadLog, sharedNow, type WriteRecord } from './history';
import type { Answer, HalfDone, HalfDoneWrite, Order, Survey } from './orders';
import { Random } from './random';
import { BULK, KEYS, keyName, shelfOf, tagOf, type Workload, type WriteKind } from './workload';

/** Upper ends of uniformly random pauses, in ms. */
const READER_PAUSE_MS = 4;
const WRITER_PAUSE_MS = 40;

class Instance {
  readonly #workload: Workload;
  readonly #cache: CacheAdapter;
  readonly #database: Redis;
  readonly #random: Random;
  readonly #reads = new ReadLog();
  readonly #writes: WriteRecord[] = [];
  readonly #failures: string[] = [];
  #working: Promise<unknown> = Promise.resolve();
  #running = false;
  #loads = 0;
  #slowestRead = 0;

  private constructor(workload: Workload, cache: CacheAdapter, database: Redis) {
    this.#workload = workload;
    this.#cache = cache;
    this.#database = database;
    this.#random = new Random(workload.seed);
  }

  static async open(workload: Workload): Promise<Instance> {
    const path = join(__dirname, 'adapters', `${workload.cache}${extname(__filename)}`);
    const { open } = require(path) as { readonly open: OpenCache };
    const database = new Redis(workload.databasePort, '127.0.0.1');
    await database.ping();
    return new Instance(workload, await open(workload), database);
  }

  run(): void {
    this.#running = true;
    const readers = Array.from({ length: this.#workload.readers }, () => this.#keepReading());
    this.#working = Promise.all([...readers, this.#keepWriting()]);
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#working;
  }

  async survey(): Promise<Survey> {
    const versions: number[] = [];
    for (let key = 0; key < KEYS; key += 1) versions.push(await this.#read(key));
    return {
      history: { writes: this.#writes, reads: this.#reads.packed() },
      versions,
      loads: this.#loads,
      unacknowledged: this.#writes.filter(({ acknowledged }) => !acknowledged).length,
      slowestRead: this.#slowestRead,
      failures: this.#failures,
      rejections: rejections.splice(0),
    };
  }

  /** Resolves when the row is changed; the write itself never ends. */
  hang(key: number, how: HalfDone): Promise<HalfDoneWrite> {
    return new Promise((resolve, reject) => {
      const change = async (): Promise<never> => {
        const version = await this.#database.incr(keyName(key));
        resolve({ version, changedAt: sharedNow() });
        return new Promise(() => undefined);
      };
      const what = how === 'around-group' ? shelfOf(key) : keyName(key);
      (how === 'invalidate' ? change() : this.#cache.around!(what, change)).catch(reject);
    });
  }

  async close(): Promise<void> {
    await this.#cache.close();
    this.#database.disconnect();
  }

  async #keepReading(): Promise<void> {
    while (this.#running) {
      await wait(this.#random.between(0, READER_PAUSE_MS));
      const key = this.#random.below(KEYS);
      const startedAt = sharedNow();
      try {
        const version = await this.#read(key);
        this.#reads.add(key, version, startedAt);
      } catch (error) {
        this.#failures.push(`reading ${keyName(key)}: ${error}`);
      }
      this.#slowestRead = Math.max(this.#slowestRead, sharedNow() - startedAt);
    }
  }

  #read(key: number): Promise<number> {
    return this.#cache.getOrLoad(keyName(key), async () => {
      this.#loads += 1;
      const version = Number(await this.#database.get(keyName(key)));
      await wait(this.#random.between(0, this.#workload.loadMs));
      return version;
    });
  }

  async #keepWriting(): Promise<void> {
    const { writes } = this.#workload;
    while (this.#running && writes.length > 0) {
      await wait(this.#random.between(0, WRITER_PAUSE_MS));
      const key = this.#random.below(KEYS);
      let version = 0;
      const change = async (): Promise<number> => {
        version = await this.#database.incr(keyName(key));
        return version;
      };
      try {
        const acknowledged = await this.#write(this.#random.of(writes), key, change);
        this.#writes.push({ key, version, doneAt: sharedNow(), acknowledged });
      } catch (error) {
        this.#failures.push(`writing ${keyName(key)}: ${error}`);
      }
    }
  }

  async #write(kind: WriteKind, key: number, change: () => Promise<number>): Promise<boolean> {
    const name = keyName(key);
    if (kind === 'put' || kind === 'around' || kind === 'defer') return this.#cache[kind]!(name, change);
    await change();
    if (kind === 'bulk') return this.#cache.invalidateMany!([name, ...BULK]);
    if (kind === 'group') return this.#cache.invalidateGroup!(shelfOf(key));
    return kind === 'tag' ? this.#cache.invalidateTag!(tagOf(name)) : this.#cache.invalidate(name);
  }
}

const rejections: string[] = [];
process.on('unhandledRejection', (reason) => rejections.push(String(reason)));

let instance: Instance | undefined;

async function obey(order: Order): Promise<Answer> {
  if (order.do === 'open') {
    instance = await Instance.open(order.workload);
    return { did: 'open' };
  }
  if (order.do === 'survey') return { did: 'survey', ...(await instance!.survey()) };
  if (order.do === 'hang') return { did: 'hang', ...(await instance!.hang(order.key, order.how)) };
  if (order.do === 'run') instance!.run();
  else await instance![order.do]();
  return { did: order.do };
}

process.on('message', async (order: Order) => {
  try {
    process.send!(await obey(order));
  } catch (error) {
    // Without an answer the checker would wait for ever; of an end it is told.
    process.stderr.write(`${order.do}: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  }
});
// An orphan must not go on: its checker was killed.
process.on('disconnect', () => process.exit());
