/**
 * One worker: the services over its own cache, and what the demonstration asks of it. A worker knows nothing of the
 * others; all that they share is the database and Redis.
 */
import type {
  AlertType,
  InvalidationRecord,
  InvalidationStatistics,
  Readiness,
  Statistics,
  TiercelCache,
  WarmReport,
} from 'tiercel';
import type { GuildDatabase } from '../guild-database';
import { type Change, GuildServices, keyOf, type View } from '../services/guild-services';
import { type Expected, warmUp } from '../warm-up';
import { machineTime } from './machine-time';
import type { Remote } from './process-line';
import { type L2Read, Watch } from './watch';

export interface Made {
  readonly acknowledged: boolean;
  /** Machine time when the service's call had returned. */
  readonly at: number;
}

export interface Burst {
  readonly reads: number;
  readonly failed: number;
  readonly slowestMs: number;
}

const MEMORY_WITHIN_MS = 5_000;

export class GuildWorker {
  readonly #cache: TiercelCache;
  readonly #database: Remote<GuildDatabase>;
  readonly #services: GuildServices;
  readonly #breakerStates: string[] = [];
  #collections = 0;
  #watch: Watch | undefined;

  constructor(cache: TiercelCache, database: Remote<GuildDatabase>) {
    this.#cache = cache;
    this.#database = database;
    this.#services = new GuildServices(cache, database);
    cache.on('breaker', ({ state }) => this.#breakerStates.push(state));
    cache.on('collected', () => {
      this.#collections += 1;
    });
  }

  ready(): Promise<Readiness> {
    return this.#cache.ready();
  }

  warmUp(expected: Expected): Promise<WarmReport> {
    return warmUp(this.#cache, this.#database, expected);
  }

  /**
   * Reads the views until all are in this worker's memory, or in vain; resolves to whether they are. A second read is
   * needed after a load, which L2 answers and which fills L1, and more if L1 is not trusted yet.
   */
  async bringIntoMemory(views: readonly View[]): Promise<boolean> {
    const endsAt = machineTime() + MEMORY_WITHIN_MS;
    const areInMemory = () => views.every((view) => this.#cache.peek(keyOf(view)) !== undefined);
    while (!areInMemory() && machineTime() < endsAt) {
      await Promise.all(views.map((view) => this.#services.read(view)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return areInMemory();
  }

  /** From now on the views are read over and over; resolves when each has been read once. */
  beginWatch(views: readonly View[]): Promise<void> {
    this.#watch = new Watch(views.map((view) => () => this.#services.read(view)));
    return this.#watch.begun;
  }

  async endWatch(): Promise<L2Read> {
    return this.#watch!.end();
  }

  async make(change: Change): Promise<Made> {
    const acknowledged = await this.#services.make(change);
    return { acknowledged, at: machineTime() };
  }

  /** One read after the other. None may fail, whatever happens to Redis. */
  async readEach(views: readonly View[]): Promise<Burst> {
    let failed = 0;
    let slowestMs = 0;
    for (const view of views) {
      const begunAt = machineTime();
      await this.#services.read(view).catch(() => {
        failed += 1;
      });
      slowestMs = Math.max(slowestMs, machineTime() - begunAt);
    }
    return { reads: views.length, failed, slowestMs };
  }

  async revisionOf(view: View): Promise<number> {
    return (await this.#services.read(view)).revision;
  }

  /** Resolves to the machine time when this worker knows Redis to be in this state. */
  async untilL2Is(state: 'ready' | 'down'): Promise<number> {
    while (this.#cache.report().redis.state !== state) await this.#next('l2');
    return machineTime();
  }

  /** Through which states the circuit breaker has gone. */
  async breakerStates(): Promise<readonly string[]> {
    return this.#breakerStates;
  }

  /** Resolves to the message of the alert, once it is raised. */
  async untilAlert(type: AlertType): Promise<string> {
    for (;;) {
      const raised = this.#cache.health().alerts.find((alert) => alert.type === type);
      if (raised !== undefined) return raised.message;
      await this.#next('alert');
    }
  }

  async statistics(): Promise<Statistics> {
    return this.#cache.stats();
  }

  /** How often statistics were collected until now. */
  async collections(): Promise<number> {
    return this.#collections;
  }

  async prometheusText(): Promise<string> {
    return this.#cache.metrics().metrics();
  }

  async invalidationHistory(): Promise<readonly InvalidationRecord[]> {
    return this.#services.invalidator.history();
  }

  async invalidationStats(windowMs: number): Promise<InvalidationStatistics> {
    return this.#services.invalidator.getInvalidationStats(windowMs);
  }

  #next(event: 'l2' | 'alert'): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#cache.on(event, () => {
        stop();
        resolve();
      });
    });
  }
}
