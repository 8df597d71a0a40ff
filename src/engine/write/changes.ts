/**
 * Everything that writes or invalidates, with what goes along with it: inside `defer` it is collected instead, and in any
 * case it is counted, traced and recorded. The rules are in `writes.ts` and `invalidation.ts`.
 */
import type { Policy, Target, WriteOperation } from '../../contract/engine';
import type { InvalidationFact } from '../../contract/invalidation-history';
import type { CounterBook } from '../entry/counters';
import type { CompiledPolicy } from '../entry/policy';
import type { EngineContext } from '../runtime/context';
import { type InvalidationTrace, traced } from '../runtime/tracing';
import { NAMESPACE_GROUP, OWN_NAMES } from '../validity/generation-keys';
import { type Deferral, defer, deferralOf, keyTarget } from './deferral';
import type { Acknowledgement, Invalidation, PatternAcknowledgement } from './invalidation';
import { Writes } from './writes';

/** Who invalidates, and why: for counting and for the record. */
export interface Cause {
  readonly label: string;
  readonly event?: string | undefined;
  readonly reason?: string | undefined;
}

/** What `clear` removes, as the record shows it. */
const EVERYTHING = { text: '*', kind: 'pattern', template: '*' } as const;

export class Changes {
  readonly #context: EngineContext;
  readonly #counters: CounterBook;
  readonly #invalidation: Invalidation;
  readonly #writes: Writes;
  #isPurging = false;
  #isClosing = false;

  constructor(context: EngineContext, counters: CounterBook, invalidation: Invalidation) {
    this.#context = context;
    this.#counters = counters;
    this.#invalidation = invalidation;
    this.#writes = new Writes(context, invalidation);
  }

  async write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>, storing: boolean): Promise<V> {
    const deferral = this.#deferral;
    const { label, event, before, puts } = operation;
    return traced(
      'write',
      () =>
        deferral?.write(operation, run) ??
        this.#writes.run(operation, run, storing, this.#counters.of(label)),
      () => this.#trace({ label, event }, [...puts.map(({ key }) => key), ...before.map(({ text }) => text)]),
    );
  }

  /** False where nothing was stored: it was not to be, a write is under way at the key, or L2 did not answer. */
  async set(
    key: string,
    value: unknown,
    policy: Policy,
    tags: readonly string[],
    storing: boolean,
  ): Promise<boolean> {
    const deferral = this.#deferral;
    if (deferral !== undefined) await deferral.collect([keyTarget(key)]);
    else if (storing) return this.#writes.set(key, value, policy as CompiledPolicy, tags);
    else await this.#invalidation.keys([key]);
    return false;
  }

  async around<V>(
    targets: readonly Target[],
    write: () => V | PromiseLike<V>,
    strict: boolean,
    cause: Cause,
  ): Promise<V> {
    this.#counters.of(cause.label).invalidations += targets.length;
    const deferral = this.#deferral;
    if (deferral !== undefined) {
      this.#record(cause, targets, await deferral.collect(targets));
      return write();
    }
    const { outcome, removal } = await traced(
      'write',
      () => this.#writes.around(targets, write, strict),
      () =>
        this.#trace(
          cause,
          targets.map(({ text }) => text),
        ),
    );
    this.#record(cause, targets, removal);
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  defer<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    return defer(this.#context, this.#invalidation, fn);
  }

  async invalidate(targets: readonly Target[], cause: Cause): Promise<PatternAcknowledgement> {
    this.#counters.of(cause.label).invalidations += targets.length;
    const deferral = this.#deferral;
    const { acknowledged, swept, sent, entries } = await traced(
      'invalidate',
      () => deferral?.collect(targets) ?? this.#invalidation.targets(targets),
      () =>
        this.#trace(
          cause,
          targets.map(({ text }) => text),
        ),
    );
    this.#record(cause, targets, { acknowledged, sent, entries });
    return { acknowledged, swept };
  }

  async delete(keys: readonly string[]): Promise<Acknowledgement> {
    this.#counters.of('delete').invalidations += keys.length;
    const cause = { label: 'delete' };
    const deferral = this.#deferral;
    const done = await traced(
      'invalidate',
      () => deferral?.collect(keys.map(keyTarget)) ?? this.#invalidation.keys(keys),
      () => this.#trace(cause, keys),
    );
    const removed = keys.map((text) => ({ text, kind: 'key' as const }));
    this.#record(cause, removed, { ...done, sent: keys.length, entries: keys.length });
    return done;
  }

  async clear(): Promise<Acknowledgement> {
    this.#counters.of('clear').invalidations += 1;
    const cause = { label: 'clear' };
    const deferral = this.#deferral;
    const done = await traced(
      'invalidate',
      () => deferral?.collectAll() ?? this.#invalidation.all(),
      () => this.#trace(cause, [EVERYTHING.text]),
    );
    this.#record(cause, [EVERYTHING], { ...done, sent: 1, entries: null });
    if (deferral === undefined && done.acknowledged) this.#purge();
    return done;
  }

  /** What still runs in the background is not gone on with. */
  close(): void {
    this.#isClosing = true;
  }

  /** The bytes of what `clear` has made invalid. Should it be cleared again meanwhile, they are of no use either. */
  #purge(): void {
    if (this.#isPurging) return;
    this.#isPurging = true;
    const purge = async (): Promise<void> => {
      const { l2 } = this.#context;
      try {
        const token = await l2.generations.read(NAMESPACE_GROUP, undefined);
        const isEntry = (key: string): boolean => !this.#isClosing && !key.startsWith(OWN_NAMES);
        if (token !== undefined) await l2.purge(token, isEntry);
      } finally {
        this.#isPurging = false;
      }
    };
    this.#context.background.run('purge', purge());
  }

  #trace({ label, event }: Cause, patterns: readonly string[]): InvalidationTrace {
    return { cache: this.#context.namespace, method: label, event, patterns };
  }

  #record(
    { label, event, reason }: Cause,
    removed: InvalidationFact['removed'],
    done: Pick<InvalidationFact, 'acknowledged' | 'sent' | 'entries'>,
  ): void {
    if (removed.length === 0) return;
    this.#context.record({ label, event, reason, replaced: [], removed, ...done });
  }

  get #deferral(): Deferral | undefined {
    return deferralOf(this.#context);
  }
}
