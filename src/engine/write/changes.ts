/**
 * The audited entry point for everything that writes or invalidates: each call is traced, counted and recorded here, and
 * inside `defer` its targets are collected instead. The rules are in `writes.ts` and `invalidation.ts`.
 */
import { withTimeout } from '../../contract/clock';
import type { Policy, PutStep, Target, WriteOperation } from '../../contract/engine';
import { UnacknowledgedError } from '../../contract/errors';
import type { CounterBook } from '../entry/counters';
import type { CompiledPolicy } from '../entry/policy';
import { inChunks } from '../runtime/chunks';
import type { EngineContext } from '../runtime/context';
import { traced } from '../runtime/tracing';
import { NAMESPACE_GROUP, OWN_NAMES } from '../validity/generation-keys';
import { type Deferral, defer, deferralOf } from './deferral';
import {
  type Acknowledgement,
  EVERYTHING,
  type Invalidations,
  keyTarget,
  type PatternAcknowledgement,
  type Removal,
} from './invalidation';
import { type Write, Writes } from './writes';

/** A turn of the event loop handles the names of no more. */
const KEYS_OF_A_RECORD = 5_000;

/** Who invalidates, and why: for counting and for the record. */
export interface Cause {
  readonly label: string;
  readonly event?: string | undefined;
  readonly reason?: string | undefined;
}

export class Changes {
  readonly #context: EngineContext;
  readonly #counters: CounterBook;
  readonly #invalidation: Invalidations;
  readonly #writes: Writes;
  readonly #isActive: () => boolean;
  #isPurging = false;
  #isClosing = false;
  readonly #running = new Set<Promise<unknown>>();

  /** @param isActive whether the cache is on: if it is off, nothing is stored, and writes still invalidate */
  constructor(
    context: EngineContext,
    counters: CounterBook,
    invalidation: Invalidations,
    isActive: () => boolean,
  ) {
    this.#context = context;
    this.#counters = counters;
    this.#invalidation = invalidation;
    this.#writes = new Writes(context, invalidation);
    this.#isActive = isActive;
  }

  /** One run of a method with everything that is declared on it (P25). */
  write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V> {
    const { label, event, before, puts } = operation;
    return this.#run(
      { label, event },
      () => [...puts.map(({ key }) => key), ...textsOf(before)],
      () => this.#deferral?.write(operation, run) ?? this.#writes.run(operation, run, this.#isActive()),
    );
  }

  put<V>(step: PutStep<V>, run: () => V | PromiseLike<V>): Promise<V> {
    const { label } = step.policy;
    return this.write({ label, puts: [step], before: [], around: [], after: () => [] }, run);
  }

  around<V>(targets: readonly Target[], run: () => V | PromiseLike<V>, cause: Cause): Promise<V> {
    return this.#run(
      cause,
      () => textsOf(targets),
      () => this.#deferral?.around(targets, run) ?? this.#writes.around(targets, run),
    );
  }

  /** @throws UnacknowledgedError (`TIERCEL_UNACKNOWLEDGED`) with `l2.strict`, if L2 does not acknowledge in time */
  async invalidate(targets: readonly Target[], cause: Cause): Promise<PatternAcknowledgement> {
    const { acknowledged, swept } = await this.#remove(targets, cause);
    this.#requireIfStrict(acknowledged);
    return { acknowledged, swept };
  }

  /** Thousands of keys at a time, each time as a record of its own. */
  async delete(keys: readonly string[]): Promise<Acknowledgement> {
    let acknowledged = true;
    const remove = async (some: readonly string[]): Promise<void> => {
      const removal = await this.#remove(some.map(keyTarget), { label: 'delete' });
      acknowledged &&= removal.acknowledged;
    };
    await inChunks(keys, remove, KEYS_OF_A_RECORD);
    this.#requireIfStrict(acknowledged);
    return { acknowledged };
  }

  async #remove(targets: readonly Target[], cause: Cause): Promise<Removal> {
    const removal = await traced(
      'invalidate',
      () => this.#deferral?.collect(targets) ?? this.#invalidation.targets(targets),
      () => this.#trace(cause, textsOf(targets)),
    );
    this.#record(cause, { replaced: [], removed: targets, removal });
    return removal;
  }

  #requireIfStrict(acknowledged: boolean): void {
    if (acknowledged || !this.#context.strict) return;
    throw new UnacknowledgedError({
      subject: this.#context.namespace,
      expected: "Redis' acknowledgement within 'l2.invalidationBudget'",
      got: 'none; the invalidation stays queued, and is delivered when Redis answers',
    });
  }

  /** Everything of the namespace (P27). */
  async clear(): Promise<Acknowledgement> {
    const isDeferred = this.#deferral !== undefined;
    const { acknowledged } = await this.invalidate([EVERYTHING], { label: 'clear' });
    if (!isDeferred && acknowledged) this.#purge();
    return { acknowledged };
  }

  /**
   * The last writer wins (P23).
   * @returns false if nothing was stored: the cache is off, a write is under way at the key, or L2 did not answer
   */
  set(key: string, value: unknown, policy: Policy, tags: readonly string[]): Promise<boolean> {
    const deferral = this.#deferral;
    if (deferral === undefined && this.#isActive()) {
      return this.#writes.set(key, value, policy as CompiledPolicy, tags);
    }
    const removed = deferral?.collect([keyTarget(key)]) ?? this.#invalidation.deliver([key]);
    return removed.then(() => false);
  }

  /** As `set` for each. @returns the number that was stored */
  async setMany(
    pairs: readonly (readonly [key: string, value: unknown])[],
    policyOf: (key: string) => Policy,
    tags: readonly string[],
  ): Promise<number> {
    let stored = 0;
    await inChunks(pairs, async (chunk) => {
      const results = await Promise.all(
        chunk.map(([key, value]) => this.set(key, value, policyOf(key), tags)),
      );
      stored += results.filter(Boolean).length;
    });
    return stored;
  }

  defer<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return defer(this.#context, this.#invalidation, fn);
  }

  /**
   * Leaves nothing old (P42): waits for the writes that run, at most for the invalidation budget, and then invalidates
   * what they may change. Work in the background ends early.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#running.size === 0) return;
    const { clock, times } = this.#context;
    await withTimeout(clock, Promise.allSettled(this.#running), times.invalidationBudgetMs);
    await this.#writes.end();
  }

  #run<V>(cause: Cause, texts: () => readonly string[], write: () => Promise<Write<V>>): Promise<V> {
    const audited = async (): Promise<V> => {
      const done = await write();
      this.#record(cause, done);
      if (!done.outcome.ok) throw done.outcome.error;
      return done.outcome.value;
    };
    const running = traced('write', audited, () => this.#trace(cause, texts())) as Promise<V>;
    this.#running.add(running);
    const ended = (): boolean => this.#running.delete(running);
    running.then(ended, ended);
    return running;
  }

  #record(
    { label, event, reason }: Cause,
    { replaced, removed, removal }: Omit<Write<unknown>, 'outcome'>,
  ): void {
    this.#counters.of(label).invalidations += removed.length;
    if (removed.length === 0 && replaced.length === 0) return;
    const { acknowledged, sent, entries } = removal;
    this.#context.record({ label, event, reason, replaced, removed, acknowledged, sent, entries });
  }

  /** The bytes of what `clear` has made invalid. Should it be cleared again meanwhile, they are of no use either. */
  #purge(): void {
    if (this.#isPurging) return;
    this.#isPurging = true;
    const purge = async (): Promise<void> => {
      const { l2 } = this.#context;
      try {
        const token = await l2.generations.read(NAMESPACE_GROUP, undefined);
        const isEntry = (key: string): boolean => !key.startsWith(OWN_NAMES);
        if (token !== undefined) await l2.purge(token, isEntry, () => this.#isClosing);
      } finally {
        this.#isPurging = false;
      }
    };
    this.#context.background.run('purge', purge());
  }

  #trace({ label, event }: Cause, patterns: readonly string[]) {
    return { cache: this.#context.namespace, method: label, event, patterns };
  }

  get #deferral(): Deferral | undefined {
    return deferralOf(this.#context);
  }
}

function textsOf(targets: readonly Target[]): readonly string[] {
  return targets.map(({ text }) => text);
}
