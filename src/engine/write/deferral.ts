/**
 * `defer` (P26): what is invalidated inside it waits until it has succeeded. From the moment that a name is collected a
 * write lease stands there, so that nobody stores what he reads before the transaction commits, and a process that dies
 * in between leaves nothing stale. Inside, collected keys are read past the cache.
 */
import type { Target, WriteOperation } from '../../contract/engine';
import type { EngineContext } from '../runtime/context';
import { callScopes } from '../runtime/scopes';
import { type Acknowledgement, entriesOf, type Invalidation, type Removal } from './invalidation';
import { outcomeOf } from './outcome-of';
import { WriteLeaseSet } from './write-lease-set';

const everything = (): boolean => true;

export class Deferral {
  /** Whose scope it is: other caches of the process are not concerned. */
  readonly context: EngineContext;
  readonly #invalidation: Invalidation;
  readonly #held: WriteLeaseSet;
  readonly #collected: Target['matches'][] = [];
  /** Patterns that nobody declared: no lease can stand for them. */
  #undeclared: readonly Target[] = [];
  #clears = false;

  constructor(context: EngineContext, invalidation: Invalidation) {
    this.context = context;
    this.#invalidation = invalidation;
    this.#held = new WriteLeaseSet(context, invalidation);
  }

  /** Whether the key is one of those that will be invalidated. */
  covers(key: string): boolean {
    return this.#collected.some((matches) => matches(key));
  }

  async collect(targets: readonly Target[]): Promise<Removal> {
    for (const target of targets) this.#collected.push((key) => target.matches(key));
    const { names, undeclared } = await this.#invalidation.resolve(targets);
    this.#undeclared = [...this.#undeclared, ...undeclared];
    return { acknowledged: await this.#held.take(names), swept: 0, ...entriesOf(names) };
  }

  collectAll(): Acknowledgement {
    this.#collected.push(everything);
    this.#clears = true;
    return { acknowledged: true };
  }

  /** A method that writes: what its decorators ask for is collected; what it would put may never be committed. */
  async write<V>(operation: WriteOperation<V>, run: () => V | PromiseLike<V>): Promise<V> {
    const { label, event, before, around, puts } = operation;
    const first = [...before, ...around, ...puts.map(({ key }) => keyTarget(key))];
    const begun = await this.collect(first);
    const outcome = await outcomeOf(run);
    try {
      const after = operation.after(outcome);
      const ended = await this.collect(after);
      const entries = begun.entries === null || ended.entries === null ? null : begun.entries + ended.entries;
      this.context.record({
        label,
        event,
        reason: undefined,
        replaced: [],
        removed: [...first, ...after],
        sent: begun.sent + ended.sent,
        entries,
        acknowledged: begun.acknowledged && ended.acknowledged,
      });
    } catch (error) {
      throw outcome.ok ? error : outcome.error;
    }
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  /** The transaction has succeeded. */
  async commit(): Promise<void> {
    await Promise.all([
      this.#held.release(),
      this.#invalidation.targets(this.#undeclared),
      this.#clears ? this.#invalidation.all() : undefined,
    ]);
  }

  /** It has failed: nothing has changed. */
  async rollBack(): Promise<void> {
    await this.#held.release();
  }
}

export function keyTarget(text: string): Target {
  return { text, kind: 'key', matches: (key) => key === text };
}

/** The deferral of this cache that the caller runs in. */
export function deferralOf(context: EngineContext): Deferral | undefined {
  return callScopes.find(
    (content): content is Deferral => content instanceof Deferral && content.context === context,
  );
}

/** A deferral inside another one of the same cache is part of it: what it collects waits for the outer one. */
export async function defer<T>(
  context: EngineContext,
  invalidation: Invalidation,
  fn: () => T | PromiseLike<T>,
): Promise<T> {
  if (deferralOf(context) !== undefined) return fn();
  const deferral = new Deferral(context, invalidation);
  let result: T;
  try {
    result = await callScopes.run(deferral, async () => fn());
  } catch (error) {
    await deferral.rollBack();
    throw error;
  }
  await deferral.commit();
  return result;
}
